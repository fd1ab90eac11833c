package dev.upkeep.reporter.alert;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.result.Severity;
import dev.upkeep.reporter.api.Cursor;
import dev.upkeep.reporter.api.Filter;
import dev.upkeep.reporter.api.Page;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Json;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Alerts, newest first. */
@Path("/api/alerts")
@Produces(MediaType.APPLICATION_JSON)
public final class AlertsResource {
    private final History history;

    /** One alert: how far it is, since when what it is about held, and what was or would be told. */
    public record Item(String state, Instant since, JsonNode alert) {}

    @Inject
    AlertsResource(History history) {
        this.history = history;
    }

    @GET
    @Operation(summary = "Alerts, newest first", description = "state is pending, firing or resolved.")
    public Page<Item> list(
            @QueryParam("state") @Nullable String state,
            @QueryParam("rule") @Nullable String rule,
            @QueryParam("severity") @Nullable String severity,
            @QueryParam("database") @Nullable String database,
            @QueryParam("limit") @DefaultValue(Page.DEFAULT) int limit,
            @QueryParam("after") @Nullable String after) {
        int size = Page.size(limit);
        Filter filter = new Filter()
                .oneOf("state", state, Standing.State.class)
                .and("rule = ?", rule)
                .oneOf("severity", severity, Severity.class)
                .and("db = ?", database)
                .after("since", "fingerprint", Cursor.text(after));
        return history.read(session -> Page.of(
                session.list(
                        "SELECT state, since, doc FROM alert WHERE " + filter.where()
                                + " ORDER BY since DESC, fingerprint DESC LIMIT " + (size + 1),
                        row -> new Item(row.text(1), row.time(2), Json.tree(row.text(3))),
                        filter.arguments()),
                size,
                item -> new Cursor(
                        item.since(), item.alert().path("fingerprint").asText())));
    }
}
