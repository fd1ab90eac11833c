package dev.upkeep.scheduler.api;

import dev.upkeep.common.Check;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.scheduler.leader.Replica;
import dev.upkeep.scheduler.leader.World;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Executors as they stated themselves last, and where this replica stands. */
@Path("/api")
@Tag(name = "fleet")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
class FleetApi {
    private final World world;
    private final Replica replica;

    FleetApi(World world, Replica replica) {
        this.world = world;
        this.replica = replica;
    }

    /** One executor in a list. */
    public record Line(String executor, String host, String version, Instant at, boolean offline, int databases) {}

    /** Where this replica stands. */
    public record Where(String role, Optional<String> problem) {}

    @GET
    @Path("executors")
    @Operation(summary = "All executors, by name")
    public List<Line> all(@QueryParam("limit") @DefaultValue("1000") int limit) {
        Check.between("limit", limit, 1, 20_000);
        Instant now = world.clock().instant();
        return world.fleet().executors().stream()
                .sorted(Comparator.comparing(Registration::executor))
                .limit(limit)
                .map(executor -> new Line(
                        executor.executor().text(),
                        executor.host(),
                        executor.version(),
                        executor.at(),
                        executor.isOffline(now),
                        executor.databases().size()))
                .toList();
    }

    @GET
    @Path("executors/{executor}")
    @Operation(summary = "One executor with its databases, tools and guardrails")
    public Registration one(@PathParam("executor") String id) {
        return world.fleet()
                .find(new ExecutorId(id))
                .orElseThrow(() -> Problems.notFound("No executor " + id + " has registered."));
    }

    @GET
    @Path("standing")
    @Operation(summary = "Whether this replica leads or stands by")
    public Where standing() {
        return new Where(
                EnumText.of(replica.standing().role()), replica.standing().problem());
    }
}
