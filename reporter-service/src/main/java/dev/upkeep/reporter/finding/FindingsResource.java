package dev.upkeep.reporter.finding;

import dev.upkeep.common.result.Severity;
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
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Findings, newest first: open ones unless the ended ones are asked for as well. */
@Path("/api/findings")
@Produces(MediaType.APPLICATION_JSON)
public final class FindingsResource {
    private final History history;

    /** One finding for as long as it held. */
    public record Item(
            long id,
            String database,
            String task,
            String check,
            String object,
            Severity severity,
            String value,
            String threshold,
            String origin,
            String advice,
            String command,
            Instant since,
            Instant seen,
            Optional<Instant> ended) {}

    @Inject
    FindingsResource(History history) {
        this.history = history;
    }

    @GET
    @Operation(summary = "Findings, newest first", description = "ended=true also gives those that hold no more.")
    public Page<Item> list(
            @QueryParam("database") @Nullable String database,
            @QueryParam("severity") @Nullable String severity,
            @QueryParam("check") @Nullable String check,
            @QueryParam("ended") boolean ended,
            @QueryParam("limit") @DefaultValue(Page.DEFAULT) int limit,
            @QueryParam("after") @Nullable String after) {
        int size = Page.size(limit);
        Filter filter = new Filter()
                .and("db = ?", database)
                .oneOf("severity", severity, Severity.class)
                .and("check_name = ?", check)
                .when(!ended, "ended IS NULL")
                .after("since", "id", Cursor.number(after));
        return history.read(session -> Page.of(
                session.list(
                        "SELECT " + FindingRows.COLUMNS + " FROM finding WHERE " + filter.where()
                                + " ORDER BY since DESC, id DESC LIMIT " + (size + 1),
                        row -> item(FindingRows.read(row)),
                        filter.arguments()),
                size,
                item -> new Cursor(item.since(), item.id())));
    }

    private static Item item(Episode episode) {
        return new Item(
                episode.id().orElseThrow(),
                episode.database(),
                episode.task(),
                episode.finding().check(),
                episode.finding().object(),
                episode.finding().severity(),
                episode.finding().value(),
                episode.finding().threshold(),
                episode.finding().origin(),
                episode.finding().advice(),
                episode.command(),
                episode.since(),
                episode.seen(),
                episode.ended());
    }
}
