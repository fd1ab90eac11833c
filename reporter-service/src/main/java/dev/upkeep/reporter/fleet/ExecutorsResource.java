package dev.upkeep.reporter.fleet;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Executors, by id. */
@Path("/api/executors")
@Produces(MediaType.APPLICATION_JSON)
public final class ExecutorsResource {
    private final History history;
    private final Clock clock;

    /**
     * One executor.
     *
     * @param online whether it is heard of
     * @param registration its own words
     */
    public record Item(String executor, boolean online, Instant lastHeard, JsonNode registration) {}

    @Inject
    ExecutorsResource(History history, Clock clock) {
        this.history = history;
        this.clock = clock;
    }

    @GET
    @Operation(summary = "Executors, by id")
    public Page<Item> list(
            @QueryParam("limit") @DefaultValue(Page.DEFAULT) int limit, @QueryParam("after") @Nullable String after) {
        int size = Page.size(limit);
        Instant now = clock.instant();
        List<Item> found = history.read(session -> session.list(
                "SELECT executor, silent_after, stopping, at, doc FROM executor WHERE executor > ? ORDER BY executor LIMIT "
                        + (size + 1),
                row -> new Item(
                        row.text(1), !row.flag(3) && !row.time(2).isBefore(now), row.time(4), Json.tree(row.text(5))),
                after == null ? "" : after));
        boolean more = found.size() > size;
        return new Page<>(
                more ? found.subList(0, size) : found,
                more ? Optional.of(found.get(size - 1).executor()) : Optional.empty());
    }
}
