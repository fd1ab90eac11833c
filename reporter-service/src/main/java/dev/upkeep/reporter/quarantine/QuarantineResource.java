package dev.upkeep.reporter.quarantine;

import dev.upkeep.reporter.api.Cursor;
import dev.upkeep.reporter.api.Filter;
import dev.upkeep.reporter.api.Page;
import dev.upkeep.reporter.history.History;
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

/** Results that are kept aside, newest first. */
@Path("/api/quarantine")
@Produces(MediaType.APPLICATION_JSON)
public final class QuarantineResource {
    private final History history;

    /**
     * One result that is not believed.
     *
     * @param outcome what it claims
     * @param code wrong-executor, never-issued or not-its-database
     * @param at when it came
     */
    public record Item(
            long id,
            String command,
            String run,
            String database,
            String executor,
            String outcome,
            String code,
            String reason,
            Instant at) {}

    @Inject
    QuarantineResource(History history) {
        this.history = history;
    }

    @GET
    @Operation(
            summary = "Results that are not believed, newest first",
            description = "From an executor that does not own the database, or of a command that was never issued.")
    public Page<Item> list(
            @QueryParam("database") @Nullable String database,
            @QueryParam("executor") @Nullable String executor,
            @QueryParam("limit") @DefaultValue(Page.DEFAULT) int limit,
            @QueryParam("after") @Nullable String after) {
        int size = Page.size(limit);
        Filter filter = new Filter()
                .and("db = ?", database)
                .and("executor = ?", executor)
                .after("at", "id", Cursor.number(after));
        return history.read(session -> Page.of(
                session.list(
                        "SELECT id, command, run, db, executor, outcome, code, reason, at FROM quarantine WHERE "
                                + filter.where() + " ORDER BY at DESC, id DESC LIMIT " + (size + 1),
                        row -> new Item(
                                row.number(1),
                                row.text(2),
                                row.text(3),
                                row.text(4),
                                row.text(5),
                                row.text(6),
                                row.text(7),
                                row.text(8),
                                row.time(9)),
                        filter.arguments()),
                size,
                item -> new Cursor(item.at(), item.id())));
    }
}
