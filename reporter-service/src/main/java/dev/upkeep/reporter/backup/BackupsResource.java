package dev.upkeep.reporter.backup;

import dev.upkeep.common.task.Backup;
import dev.upkeep.reporter.api.Cursor;
import dev.upkeep.reporter.api.Filter;
import dev.upkeep.reporter.api.Page;
import dev.upkeep.reporter.history.History;
import dev.upkeep.reporter.history.Row;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Backups, newest first, as far as results told of them. */
@Path("/api/backups")
@Produces(MediaType.APPLICATION_JSON)
public final class BackupsResource {
    private final History history;
    private final Clock clock;

    /**
     * One backup.
     *
     * @param state taken, verified or proven
     * @param age in whole minutes
     * @param problem what was wrong with it when it was looked at last
     * @param goneAt when it was seen to be gone
     */
    public record Item(
            String database,
            String name,
            String executor,
            Optional<String> method,
            Optional<String> state,
            Instant takenAt,
            Duration age,
            Optional<Long> bytes,
            Optional<Long> sourceBytes,
            Optional<Instant> verifiedAt,
            Optional<Instant> provenAt,
            Optional<String> problem,
            Optional<Instant> goneAt) {}

    @Inject
    BackupsResource(History history, Clock clock) {
        this.history = history;
        this.clock = clock;
    }

    @GET
    @Operation(
            summary = "Backups, newest first",
            description = "As results told of them. state is taken, verified or proven; gone=true also gives those that"
                    + " were removed since.")
    public Page<Item> list(
            @QueryParam("database") @Nullable String database,
            @QueryParam("state") @Nullable String state,
            @QueryParam("method") @Nullable String method,
            @QueryParam("gone") boolean gone,
            @QueryParam("limit") @DefaultValue(Page.DEFAULT) int limit,
            @QueryParam("after") @Nullable String after) {
        int size = Page.size(limit);
        Instant now = clock.instant();
        Filter filter = new Filter()
                .and("db = ?", database)
                .oneOf("state", state, Backup.State.class)
                .oneOf("method", method, Backup.Method.class)
                .when(!gone, "gone_at IS NULL")
                .after("taken_at", "name", Cursor.text(after));
        return history.read(session -> Page.of(
                session.list(
                        "SELECT db, name, executor, method, state, taken_at, bytes, source_bytes, verified_at,"
                                + " proven_at, problem, gone_at FROM backup WHERE " + filter.where()
                                + " ORDER BY taken_at DESC, name DESC LIMIT " + (size + 1),
                        row -> item(row, now),
                        filter.arguments()),
                size,
                item -> new Cursor(item.takenAt(), item.name())));
    }

    private static Item item(Row row, Instant now) {
        Duration age = Duration.between(row.time(6), now);
        return new Item(
                row.text(1),
                row.text(2),
                row.text(3),
                row.optionalText(4),
                row.optionalText(5),
                row.time(6),
                age.isNegative() ? Duration.ZERO : age.truncatedTo(ChronoUnit.MINUTES),
                row.optionalNumber(7),
                row.optionalNumber(8),
                row.optionalTime(9),
                row.optionalTime(10),
                row.optionalText(11),
                row.optionalTime(12));
    }
}
