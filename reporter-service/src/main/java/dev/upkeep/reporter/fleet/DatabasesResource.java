package dev.upkeep.reporter.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.reporter.api.Filter;
import dev.upkeep.reporter.api.Page;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Row;
import dev.upkeep.reporter.history.Session;
import dev.upkeep.reporter.result.Ending;
import dev.upkeep.reporter.result.EndingRows;
import dev.upkeep.reporter.result.Ends;
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

/** Databases, by id, with what is known of each. */
@Path("/api/databases")
@Produces(MediaType.APPLICATION_JSON)
public final class DatabasesResource {
    private static final String COLUMNS = "db, executor, engine, problem, labels, at, gone, doc";

    private final History history;

    /**
     * One database.
     *
     * @param problem why its executor could not reach it at the last look
     * @param gone whether no executor states it any more
     * @param openFindings number of open findings by severity
     */
    public record Item(
            String database,
            String executor,
            String engine,
            Optional<String> problem,
            Map<String, String> labels,
            Instant statedAt,
            boolean gone,
            Map<String, Integer> openFindings) {}

    /** How one task last ended on a database. */
    public record TaskEnd(
            String task,
            Outcome outcome,
            Instant at,
            String command,
            Optional<Reason> reason,
            Optional<Instant> lastGoodAt) {}

    /** One database with its tasks and its newest figures. */
    public record Detail(Item database, JsonNode registration, List<TaskEnd> tasks, List<Figure> figures) {}

    /** The newest value of one series. */
    public record Figure(String name, String unit, String kind, JsonNode labels, double value, Instant at) {}

    @Inject
    DatabasesResource(History history) {
        this.history = history;
    }

    @GET
    @Operation(summary = "Databases, by id")
    public Page<Item> list(
            @QueryParam("engine") @Nullable String engine,
            @QueryParam("executor") @Nullable String executor,
            @QueryParam("gone") boolean gone,
            @QueryParam("limit") @DefaultValue(Page.DEFAULT) int limit,
            @QueryParam("after") @Nullable String after) {
        int size = Page.size(limit);
        Filter filter = new Filter()
                .oneOf("engine", engine, Engine.class)
                .and("executor = ?", executor)
                .when(!gone, "gone = 0")
                .and("db > ?", after);
        List<Item> found = history.read(session -> session
                .list(
                        "SELECT " + COLUMNS + " FROM fleet WHERE " + filter.where() + " ORDER BY db LIMIT "
                                + (size + 1),
                        DatabasesResource::stated,
                        filter.arguments())
                .stream()
                .map(item -> withFindings(session, item))
                .toList());
        boolean more = found.size() > size;
        return new Page<>(
                more ? found.subList(0, size) : found,
                more ? Optional.of(found.get(size - 1).database()) : Optional.empty());
    }

    @GET
    @Path("{database:.+}")
    @Operation(summary = "One database: how its tasks last ended, and its newest figures")
    public Detail one(@PathParam("database") String database) {
        return history.read(session -> session.first(
                        "SELECT " + COLUMNS + " FROM fleet WHERE db = ?",
                        row -> new Detail(stated(row), Json.tree(row.text(8)), List.of(), List.of()),
                        database)
                .map(detail -> new Detail(
                        withFindings(session, detail.database()),
                        detail.registration(),
                        tasks(session, database),
                        figures(session, database)))
                .orElseThrow(() -> new NotFoundException("no executor has stated a database " + database)));
    }

    private static Item stated(Row row) {
        return new Item(
                row.text(1),
                row.text(2),
                row.text(3),
                row.optionalText(4),
                Json.labels(row.text(5)),
                row.time(6),
                row.flag(7),
                Map.of());
    }

    private static Item withFindings(Session session, Item item) {
        Map<String, Integer> findings = new TreeMap<>();
        session.list(
                "SELECT severity, count(*) FROM finding WHERE db = ? AND ended IS NULL GROUP BY severity",
                row -> findings.put(row.text(1), (int) row.number(2)),
                item.database());
        return new Item(
                item.database(),
                item.executor(),
                item.engine(),
                item.problem(),
                item.labels(),
                item.statedAt(),
                item.gone(),
                findings);
    }

    private static List<TaskEnd> tasks(Session session, String database) {
        return EndingRows.of(session, database).stream()
                .filter(ending -> ending.last().subject().startsWith(Ends.TASK))
                .map(DatabasesResource::taskEnd)
                .toList();
    }

    private static TaskEnd taskEnd(Ending ending) {
        Ending.End last = ending.last();
        return new TaskEnd(
                last.subject().substring(Ends.TASK.length()),
                last.outcome(),
                last.at(),
                last.command(),
                last.reason(),
                ending.goodAt());
    }

    private static List<Figure> figures(Session session, String database) {
        return session.list(
                "SELECT name, unit, kind, labels, value, at FROM series WHERE db = ? ORDER BY name, labels LIMIT 1000",
                row -> new Figure(
                        row.text(1), row.text(2), row.text(3), Json.tree(row.text(4)), row.figure(5), row.time(6)),
                database);
    }
}
