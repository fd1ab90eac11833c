package dev.upkeep.scheduler.api;

import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.access.Problem;
import dev.upkeep.common.wire.Unreadable;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what goes wrong into problems: callers see what to mend, never a stack trace. */
class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    @ServerExceptionMapper
    Response invalid(InvalidValue e) {
        return response(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()));
    }

    @ServerExceptionMapper
    Response unreadable(Unreadable e) {
        return response(Response.Status.BAD_REQUEST, e.reason().message());
    }

    /** A body of the right form with a value of the wrong kind. */
    @ServerExceptionMapper
    Response mismatched(MismatchedInputException e) {
        String where = e.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : part.getFieldName())
                .collect(Collectors.joining("."));
        return response(
                Response.Status.BAD_REQUEST,
                (where.isEmpty() ? "the body" : where) + ": is not of the kind that /openapi says");
    }

    @ServerExceptionMapper
    Response kafka(KafkaException e) {
        Throwable met = e.getCause() == null ? null : e.getCause().getCause();
        if (met instanceof RecordTooLargeException) {
            return response(
                    Response.Status.REQUEST_ENTITY_TOO_LARGE,
                    "It makes a record that is too large for Kafka: " + met.getMessage());
        }
        LOG.warn("a call failed: {}", e.toString());
        return response(Response.Status.SERVICE_UNAVAILABLE, "Kafka cannot be reached; try again later.");
    }

    @ServerExceptionMapper
    Response refused(WebApplicationException e) {
        Response response = e.getResponse();
        return response.hasEntity()
                ? response
                : response(
                        response.getStatus(),
                        response.getStatusInfo().getReasonPhrase(),
                        String.valueOf(e.getMessage()));
    }

    static WebApplicationException notFound(String what) {
        return new WebApplicationException(response(Response.Status.NOT_FOUND, what));
    }

    static WebApplicationException forbidden(String why) {
        return new WebApplicationException(response(Response.Status.FORBIDDEN, why));
    }

    private static Response response(Response.Status status, String detail) {
        return response(status.getStatusCode(), status.getReasonPhrase(), detail);
    }

    private static Response response(int status, String title, String detail) {
        return Response.status(status)
                .type(Problem.MEDIA_TYPE)
                .entity(Problem.of(status, title, detail))
                .build();
    }
}
