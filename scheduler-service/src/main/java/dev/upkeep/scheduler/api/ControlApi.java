package dev.upkeep.scheduler.api;

import dev.upkeep.common.access.Role;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.scheduler.leader.World;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Pauses, blackouts and holds: setting them, listing them, ending them early. */
@Path("/api/controls")
@Tag(name = "controls")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
class ControlApi {
    private final World world;
    private final Bus bus;
    private final Caller caller;

    ControlApi(World world, Bus bus, Caller caller) {
        this.world = world;
        this.bus = bus;
        this.caller = caller;
    }

    /** A control to be set; it begins now if {@code from} is absent, and gets an id if it has none. */
    public record NewControl(
            Optional<ControlId> id,
            Control.Kind kind,
            Optional<PolicyName> policy,
            Optional<Selector> select,
            String owner,
            String reason,
            Optional<Instant> from,
            Instant until) {}

    @GET
    @Operation(summary = "Controls in force or to come; with over=true also those that are over")
    public List<Control> all(@QueryParam("over") @DefaultValue("false") boolean over) {
        Instant now = world.clock().instant();
        return world.controls().all().stream()
                .filter(control -> over || now.isBefore(control.until()))
                .sorted(Comparator.comparing(Control::from).thenComparing(Control::id))
                .toList();
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary =
                    "Sets a pause, blackout or hold, with owner, reason and end; the same id again replaces it, a hold's only by an admin")
    public Response set(byte[] body) throws Unreadable {
        NewControl wanted = Wire.read(body, NewControl.class);
        Control control = new Control(
                wanted.id().orElseGet(() -> new ControlId(UUID.randomUUID().toString())),
                wanted.kind(),
                wanted.policy(),
                wanted.select(),
                wanted.owner(),
                wanted.reason(),
                wanted.from().orElseGet(() -> world.clock().instant()),
                wanted.until());
        mayLift(find(control.id()));
        bus.publish(control);
        return Response.created(URI.create("/api/controls/" + control.id()))
                .entity(control)
                .build();
    }

    @DELETE
    @Path("{control}")
    @Operation(summary = "Ends a control early; a hold needs an admin")
    public Response end(@PathParam("control") String id) {
        ControlId control = new ControlId(id);
        Optional<Control> known = find(control);
        if (known.isEmpty()) {
            throw Problems.notFound("There is no control " + id + ".");
        }
        mayLift(known);
        bus.end(control);
        return Response.noContent().build();
    }

    private Optional<Control> find(ControlId id) {
        return world.controls().all().stream()
                .filter(control -> control.id().equals(id))
                .findFirst();
    }

    /** A hold may have legal reasons: whoever may set one may not therefore end that of another, or change it. */
    private void mayLift(Optional<Control> known) {
        if (known.filter(control -> control.kind() == Control.Kind.HOLD
                        && world.clock().instant().isBefore(control.until()))
                .isPresent()) {
            caller.must(Role.ADMIN, "to end or replace a hold");
        }
    }
}
