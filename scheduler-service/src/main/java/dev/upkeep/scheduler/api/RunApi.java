package dev.upkeep.scheduler.api;

import dev.upkeep.common.Check;
import dev.upkeep.common.access.Query;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.run.RunState;
import dev.upkeep.scheduler.leader.World;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Runs: how far they are, and stopping them. */
@Path("/api/runs")
@Tag(name = "runs")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
class RunApi {
    private final World world;
    private final Verdicts verdicts;

    RunApi(World world, Verdicts verdicts) {
        this.world = world;
        this.verdicts = verdicts;
    }

    /** What a caller may say when a run is to be stopped. */
    public record CancelNow(
            Optional<String> id, Optional<CommandId> command, Optional<String> requestedBy, Optional<String> reason) {}

    @GET
    @Operation(summary = "Runs, the latest first")
    public List<RunView.Line> all(
            @QueryParam("policy") @Nullable String policy,
            @QueryParam("status") @Nullable String status,
            @QueryParam("limit") @DefaultValue("100") int limit) {
        Check.between("limit", limit, 1, 1_000);
        Optional<RunState.Status> wanted = Query.oneOf("status", status, RunState.Status.class);
        return world.book().all().stream()
                .filter(run -> policy == null || run.head().origin().name().equals(policy))
                .filter(run -> wanted.isEmpty() || run.head().status() == wanted.get())
                .limit(limit)
                .map(RunView.Line::of)
                .toList();
    }

    @GET
    @Path("{run}")
    @Operation(summary = "One run with its databases, in pages")
    public RunView.Detail one(
            @PathParam("run") String id,
            @QueryParam("limit") @DefaultValue("500") int limit,
            @QueryParam("offset") @DefaultValue("0") int offset) {
        Check.between("limit", limit, 0, 10_000);
        Check.between("offset", offset, 0, Integer.MAX_VALUE - 10_000);
        return world.book()
                .find(new RunId(id))
                .map(run -> RunView.Detail.of(run, limit, offset))
                .orElseThrow(() -> Problems.notFound("No run " + id + " is known."));
    }

    @POST
    @Path("{run}/cancel")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Stops a run: what is not sent stays unsent, executors are told to stop the rest")
    public Response cancel(
            @PathParam("run") String id,
            @Nullable CancelNow body,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @HeaderParam("traceparent") @Nullable String traceparent) {
        CancelNow asked = body == null
                ? new CancelNow(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty())
                : body;
        if (world.book().find(new RunId(id)).isEmpty()) {
            throw Problems.notFound("No run " + id + " is known.");
        }
        Request request = new Request.CancelRun(
                verdicts.id(asked.id(), key), new RunId(id), asked.command(), asked.requestedBy(), asked.reason());
        return verdicts.publish(request, Optional.ofNullable(traceparent));
    }
}
