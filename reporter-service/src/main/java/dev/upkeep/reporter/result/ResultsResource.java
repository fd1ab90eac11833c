package dev.upkeep.reporter.result;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.reporter.api.Cursor;
import dev.upkeep.reporter.api.Filter;
import dev.upkeep.reporter.api.Page;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Packed;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Results, newest first. */
@Path("/api/results")
@Produces(MediaType.APPLICATION_JSON)
public final class ResultsResource {
    private final History history;

    /** One result in a list. */
    public record Item(
            String command,
            String run,
            String database,
            String executor,
            Outcome outcome,
            boolean dryRun,
            List<Reason> reasons,
            List<TaskItem> tasks,
            Optional<Instant> startedAt,
            Instant endedAt) {}

    /** One task of a result in a list. */
    public record TaskItem(String task, Outcome outcome, int findings) {}

    /** What a list can be narrowed by. */
    public static final class Query {
        @QueryParam("database")
        @Nullable
        String database;

        @QueryParam("run")
        @Nullable
        String run;

        @QueryParam("executor")
        @Nullable
        String executor;

        @QueryParam("outcome")
        @Nullable
        String outcome;

        @QueryParam("bad")
        boolean bad;

        @QueryParam("since")
        @Nullable
        String since;

        @QueryParam("until")
        @Nullable
        String until;
    }

    @Inject
    ResultsResource(History history) {
        this.history = history;
    }

    @GET
    @Operation(summary = "Results, newest first", description = "bad=true leaves out succeeded and nothing-to-do.")
    public Page<Item> list(
            @jakarta.ws.rs.BeanParam Query query,
            @QueryParam("limit") @DefaultValue(Page.DEFAULT) int limit,
            @QueryParam("after") @Nullable String after) {
        int size = Page.size(limit);
        Filter filter = new Filter()
                .and("db = ?", query.database)
                .and("run = ?", query.run)
                .and("executor = ?", query.executor)
                .oneOf("outcome", query.outcome, Outcome.class)
                .when(query.bad || isBad(query.outcome), "good = 0")
                .and("at >= ?", Page.time("since", query.since))
                .and("at < ?", Page.time("until", query.until))
                .after("at", "command", Cursor.text(after));
        return history.read(session -> Page.of(
                session.list(
                        "SELECT doc, at FROM result WHERE " + filter.where() + " ORDER BY at DESC, command DESC LIMIT "
                                + (size + 1),
                        row -> item(Packed.read(row.bytes(1), Result.class), row.time(2)),
                        filter.arguments()),
                size,
                item -> new Cursor(item.endedAt(), item.command())));
    }

    /** Lets the engine use the small index of what did not go well. */
    private static boolean isBad(@Nullable String outcome) {
        return outcome != null
                && !outcome.isEmpty()
                && !outcome.equals("succeeded")
                && !outcome.equals("nothing-to-do");
    }

    @GET
    @Path("{command:.+}")
    @Operation(summary = "One result as it came, with reports, findings and measurements")
    public JsonNode one(@PathParam("command") String command) {
        return history.read(session -> session.first(
                        "SELECT doc FROM result WHERE command = ?",
                        row -> Wire.readTree(Packed.document(row.bytes(1))),
                        command))
                .orElseThrow(() -> new NotFoundException("no result of command " + command
                        + " is in the history: it has not ended, or is older than upkeep.history.keep"));
    }

    private static Item item(Result result, Instant endedAt) {
        return new Item(
                result.command().text(),
                result.run().text(),
                result.database().text(),
                result.executor().text(),
                result.outcome(),
                result.dryRun(),
                result.reasons(),
                result.tasks().stream()
                        .map(task -> new TaskItem(
                                task.task(), task.outcome(), task.findings().size()))
                        .toList(),
                result.startedAt(),
                endedAt);
    }
}
