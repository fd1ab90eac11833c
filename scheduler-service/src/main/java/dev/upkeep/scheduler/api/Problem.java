package dev.upkeep.scheduler.api;

import dev.upkeep.common.access.Role;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;

/** An error in the form of RFC 9457. */
public record Problem(String type, String title, int status, String detail) {
    /** Its media type. */
    static final String MEDIA_TYPE = "application/problem+json";

    static Response response(Response.Status status, String detail) {
        return response(status.getStatusCode(), status.getReasonPhrase(), detail);
    }

    static Response response(int status, String title, String detail) {
        return Response.status(status)
                .type(MEDIA_TYPE)
                .entity(new Problem("about:blank", title, status, detail))
                .build();
    }

    static WebApplicationException notFound(String what) {
        return new WebApplicationException(response(Response.Status.NOT_FOUND, what));
    }

    static WebApplicationException forbidden(String why) {
        return new WebApplicationException(response(Response.Status.FORBIDDEN, why));
    }

    /** What to tell a caller whose role does not do. */
    static String lacking(Role has, Role needed, String what) {
        return "The token has the role " + has + "; " + what + " needs " + needed + ".";
    }
}
