package dev.upkeep.reporter.api;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.access.Problem;
import dev.upkeep.reporter.history.HistoryFailure;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns whatever goes wrong in a request into a problem that a person can act on. */
final class Problems {
    private static final Logger LOG = Logger.getLogger(Problems.class);

    @ServerExceptionMapper
    Response invalid(InvalidValue e) {
        return answer(400, "Bad request", String.valueOf(e.getMessage()));
    }

    @ServerExceptionMapper
    Response unknown(NotFoundException e) {
        return answer(404, "Not found", String.valueOf(e.getMessage()));
    }

    @ServerExceptionMapper
    Response unavailable(HistoryFailure e) {
        LOG.warn("a request could not be answered", e);
        return answer(503, "History unavailable", "The history cannot be read at the moment; try again.");
    }

    @ServerExceptionMapper
    Response refused(WebApplicationException e) {
        int status = e.getResponse().getStatus();
        return answer(status, Response.Status.fromStatusCode(status).getReasonPhrase(), String.valueOf(e.getMessage()));
    }

    @ServerExceptionMapper
    Response unexpected(RuntimeException e) {
        LOG.error("a request failed", e);
        return answer(500, "Internal error", "This is a bug; the service's log has the details.");
    }

    private static Response answer(int status, String title, String detail) {
        return Response.status(status)
                .type(Problem.MEDIA_TYPE)
                .entity(Problem.of(status, title, detail))
                .build();
    }
}
