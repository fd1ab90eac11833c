package dev.upkeep.reporter.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.run.RunState;
import dev.upkeep.reporter.api.Cursor;
import dev.upkeep.reporter.api.Filter;
import dev.upkeep.reporter.api.Page;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
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
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Runs, newest first, and how far each of their databases is. */
@Path("/api/runs")
@Produces(MediaType.APPLICATION_JSON)
public final class RunsResource {
    private final History history;

    /**
     * One run.
     *
     * @param outcomes number of databases by outcome; those under way as {@code planned} or {@code sent}
     */
    public record Item(
            String run,
            Origin origin,
            RunState.Status status,
            List<Reason> reasons,
            Instant asOf,
            boolean dryRun,
            List<String> tasks,
            int databases,
            Map<String, Integer> outcomes) {}

    /**
     * One database of a run.
     *
     * @param progress the newest, while it is under way
     */
    public record TargetItem(
            String database,
            String executor,
            String command,
            String status,
            Optional<String> outcome,
            JsonNode reasons,
            Optional<Instant> sentAt,
            Optional<Instant> endedAt,
            Optional<JsonNode> progress) {}

    /** One run with a page of its databases. */
    public record Detail(Item run, List<TargetItem> targets, Optional<String> next) {}

    @Inject
    RunsResource(History history) {
        this.history = history;
    }

    @GET
    @Operation(summary = "Runs, newest first")
    public Page<Item> list(
            @QueryParam("origin") @Nullable String origin,
            @QueryParam("status") @Nullable String status,
            @QueryParam("since") @Nullable String since,
            @QueryParam("until") @Nullable String until,
            @QueryParam("limit") @DefaultValue(Page.DEFAULT) int limit,
            @QueryParam("after") @Nullable String after) {
        int size = Page.size(limit);
        Filter filter = new Filter()
                .and("origin = ?", origin)
                .oneOf("status", status, RunState.Status.class)
                .and("as_of >= ?", Page.time("since", since))
                .and("as_of < ?", Page.time("until", until))
                .after("as_of", "run", Cursor.text(after));
        return history.read(session -> {
            List<RunState> heads = session.list(
                    "SELECT doc FROM run WHERE " + filter.where() + " ORDER BY as_of DESC, run DESC LIMIT "
                            + (size + 1),
                    row -> Json.read(row.text(1), RunState.class),
                    filter.arguments());
            return Page.of(
                    heads.stream().map(head -> item(session, head)).toList(),
                    size,
                    item -> new Cursor(item.asOf(), item.run()));
        });
    }

    @GET
    @Path("{run:.+}")
    @Operation(summary = "One run with its databases", description = "Databases in order of their ids, by pages.")
    public Detail one(
            @PathParam("run") String run,
            @QueryParam("limit") @DefaultValue(Page.DEFAULT) int limit,
            @QueryParam("after") @Nullable String after) {
        int size = Page.size(limit);
        return history.read(session -> {
            RunState head = session.first(
                            "SELECT doc FROM run WHERE run = ?", row -> Json.read(row.text(1), RunState.class), run)
                    .orElseThrow(() -> new NotFoundException("no run " + run + " is in the history"));
            List<TargetItem> targets = targets(session, run, after == null ? "" : after, size);
            boolean more = targets.size() > size;
            return new Detail(
                    item(session, head),
                    more ? targets.subList(0, size) : targets,
                    more ? Optional.of(targets.get(size - 1).database()) : Optional.empty());
        });
    }

    private static List<TargetItem> targets(Session session, String run, String after, int size) {
        return session.list(
                "SELECT t.db, t.executor, t.command, t.status, COALESCE(t.outcome, r.outcome), t.reasons, t.sent_at,"
                        + " COALESCE(t.ended_at, r.at), p.doc FROM target t LEFT JOIN result r ON r.command = t.command"
                        + " LEFT JOIN progress p ON p.command = t.command WHERE t.run = ? AND t.db > ?"
                        + " ORDER BY t.db LIMIT " + (size + 1),
                row -> new TargetItem(
                        row.text(1),
                        row.text(2),
                        row.text(3),
                        row.text(4),
                        row.optionalText(5),
                        Json.tree(row.text(6)),
                        row.optionalTime(7),
                        row.optionalTime(8),
                        row.optionalText(9).map(Json::tree)),
                run,
                after);
    }

    private static Item item(Session session, RunState head) {
        Map<String, Integer> outcomes = new TreeMap<>();
        session.list(
                "SELECT COALESCE(outcome, status), count(*) FROM target WHERE run = ? GROUP BY 1",
                row -> outcomes.put(row.text(1), (int) row.number(2)),
                head.run().text());
        return new Item(
                head.run().text(),
                head.origin(),
                head.status(),
                head.reasons(),
                head.asOf(),
                head.dryRun(),
                head.steps().stream().map(step -> step.task().name()).toList(),
                head.databases(),
                outcomes);
    }
}
