package dev.upkeep.scheduler.api;

import dev.upkeep.common.Check;
import dev.upkeep.common.access.Role;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.task.Effect;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
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

/** Requests: the same JSON as on the bus, with the verdict as the answer. */
@Path("/api/requests")
@Tag(name = "requests")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
class RequestApi {
    private final World world;
    private final Verdicts verdicts;
    private final Caller caller;

    RequestApi(World world, Verdicts verdicts, Caller caller) {
        this.world = world;
        this.verdicts = verdicts;
        this.caller = caller;
    }

    /** Which databases, and what would be done to them. */
    public record Selection(Selector select, List<Step> tasks) {
        public Selection {
            Check.present("select", select);
            tasks = Check.list("tasks", tasks);
        }
    }

    @GET
    @Operation(summary = "The runs of requests, the latest first")
    public List<RunView.Line> all(@QueryParam("limit") @DefaultValue("100") int limit) {
        Check.between("limit", limit, 1, 1_000);
        return world.book().all().stream()
                .filter(run -> run.head().plan().digest().isPresent())
                .limit(limit)
                .map(RunView.Line::of)
                .toList();
    }

    @GET
    @Path("{request}")
    @Operation(summary = "The verdict on a request, and how far its run is")
    public RunView.Detail one(@PathParam("request") String id) {
        return world.book()
                .find(RunId.ofRequest(id))
                .map(run -> RunView.Detail.of(run, 500, 0))
                .orElseThrow(() -> Problems.notFound("No request " + id + " is known."));
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Publishes a request and answers with its verdict; Idempotency-Key names it if it has no id; one"
                    + " that removes data needs an admin unless it is a dry run")
    public Response publish(
            byte[] body,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @HeaderParam("traceparent") @Nullable String traceparent)
            throws Unreadable {
        Request request = named(Wire.read(body, Request.class), key);
        if (removesData(request)) {
            caller.must(Role.ADMIN, "to order tasks that remove data, other than by a policy or as a dry run,");
        }
        return verdicts.publish(request, Optional.ofNullable(traceparent));
    }

    private static boolean removesData(Request request) {
        return request instanceof Request.Order order
                && !order.dryRun()
                && order.tasks().stream().anyMatch(step -> step.task().effect() == Effect.DESTRUCTIVE);
    }

    private Request named(Request request, @Nullable String key) {
        Optional<String> id = verdicts.id(request.id(), key);
        if (request instanceof Request.Order order) {
            return new Request.Order(
                    id,
                    order.select(),
                    order.tasks(),
                    order.dryRun(),
                    order.startWithin(),
                    order.finishWithin(),
                    order.planHash(),
                    order.targetsHash(),
                    order.requestedBy(),
                    order.reason());
        }
        if (request instanceof Request.RunPolicy run) {
            return new Request.RunPolicy(
                    id, run.policy(), run.dryRun(), run.targetsHash(), run.requestedBy(), run.reason());
        }
        Request.CancelRun cancel = (Request.CancelRun) request;
        return new Request.CancelRun(id, cancel.cancel(), cancel.command(), cancel.requestedBy(), cancel.reason());
    }

    @POST
    @Path("preview")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "The databases that a selector means now, and which of them cannot do the tasks; changes nothing")
    public PolicyView.Preview preview(byte[] body, @QueryParam("databases") @DefaultValue("100") int most)
            throws Unreadable {
        Check.between("databases", most, 0, 10_000);
        Selection selection = Wire.read(body, Selection.class);
        return PolicyApi.preview(world, List.of(), selection.select(), selection.tasks(), most);
    }
}
