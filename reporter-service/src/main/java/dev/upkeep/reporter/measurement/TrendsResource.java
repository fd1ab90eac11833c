package dev.upkeep.reporter.measurement;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.reporter.api.Filter;
import dev.upkeep.reporter.api.Page;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Json;
import dev.upkeep.reporter.history.Session;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** How measurements of one database went over time. */
@Path("/api/trends")
@Produces(MediaType.APPLICATION_JSON)
public final class TrendsResource {
    private static final int MOST_SERIES = 50;
    private static final int POINTS = 200;

    private final History history;
    private final Clock clock;

    /** One series: its labels and its points, at most 200, each the mean of its share of the time. */
    public record Trend(String name, String unit, JsonNode labels, List<Point> points) {}

    /** A time and a value. */
    public record Point(Instant at, double value) {}

    private record Series(long id, String name, String unit, JsonNode labels) {}

    @Inject
    TrendsResource(History history, Clock clock) {
        this.history = history;
        this.clock = clock;
    }

    @GET
    @Operation(
            summary = "Measurements of one database over time",
            description = "The last 7 days unless since says otherwise; at most 50 series.")
    public Page<Trend> list(
            @QueryParam("database") @Nullable String database,
            @QueryParam("name") @Nullable String name,
            @QueryParam("since") @Nullable String since) {
        if (database == null || database.isEmpty()) {
            throw new InvalidValue("database", "", "must name a database");
        }
        Instant now = clock.instant();
        Instant from = Page.time("since", since).orElse(now.minus(Duration.ofDays(7)));
        long width = Math.max(1, Duration.between(from, now).toMillis() / POINTS);
        Filter filter = new Filter().and("db = ?", database).and("name = ?", name);
        return history.read(session -> new Page<>(
                session
                        .list(
                                "SELECT id, name, unit, labels FROM series WHERE " + filter.where()
                                        + " ORDER BY name, id LIMIT " + MOST_SERIES,
                                row -> new Series(row.number(1), row.text(2), row.text(3), Json.tree(row.text(4))),
                                filter.arguments())
                        .stream()
                        .map(series -> trend(session, series, from, width))
                        .toList(),
                Optional.empty()));
    }

    private static Trend trend(Session session, Series series, Instant from, long width) {
        List<Point> points = session.list(
                "SELECT max(at), avg(value) FROM sample WHERE series = ? AND at >= ? GROUP BY at / ? ORDER BY 1",
                row -> new Point(row.time(1), row.figure(2)),
                series.id(),
                from,
                width);
        return new Trend(series.name(), series.unit(), series.labels(), points);
    }
}
