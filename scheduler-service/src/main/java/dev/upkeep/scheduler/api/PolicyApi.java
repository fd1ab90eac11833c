package dev.upkeep.scheduler.api;

import dev.upkeep.common.Check;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.request.Selector;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.fleet.Candidate;
import dev.upkeep.scheduler.fleet.Resolver;
import dev.upkeep.scheduler.leader.World;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.policy.PolicyError;
import dev.upkeep.scheduler.run.TargetsHash;
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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Policies: which there are, what they would do, and doing it now. */
@Path("/api/policies")
@Tag(name = "policies")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
class PolicyApi {
    private final World world;
    private final Verdicts verdicts;

    PolicyApi(World world, Verdicts verdicts) {
        this.world = world;
        this.verdicts = verdicts;
    }

    /** What a caller may say when a policy is to run now. */
    public record RunNow(
            Optional<String> id,
            boolean dryRun,
            Optional<String> targetsHash,
            Optional<String> requestedBy,
            Optional<String> reason) {}

    @GET
    @Operation(summary = "The policies in force, and what is wrong with the files as they are now")
    public PolicyView.All all() {
        Instant now = world.clock().instant();
        return new PolicyView.All(
                world.policies().inForce().all().stream()
                        .map(policy -> new PolicyView.Line(
                                policy.name().text(),
                                policy.description(),
                                policy.schedule().timetable().next(now),
                                world.book().lastFiring(policy.name()),
                                isPaused(policy, now)))
                        .toList(),
                world.policies().errors().stream().map(PolicyError::toString).toList());
    }

    private boolean isPaused(Policy policy, Instant now) {
        return policy.paused()
                || Controls.againstFiring(world.controls().active(now), policy.name())
                        .isPresent();
    }

    @GET
    @Path("{policy}")
    @Operation(summary = "One policy with its next firings")
    public PolicyView.Detail one(@PathParam("policy") String name) {
        Policy policy = find(name);
        Instant now = world.clock().instant();
        return new PolicyView.Detail(
                policy,
                policy.schedule().timetable().upcoming(now, 5),
                world.book().lastFiring(policy.name()),
                Controls.againstFiring(world.controls().active(now), policy.name()).stream()
                        .map(Reason::toString)
                        .toList());
    }

    @GET
    @Path("{policy}/preview")
    @Operation(
            summary = "The next firings and the databases that would be frozen now; changes nothing",
            description = "A request with the targetsHash is rejected if it would then mean other databases.")
    public PolicyView.Preview preview(
            @PathParam("policy") String name,
            @QueryParam("firings") @DefaultValue("5") int firings,
            @QueryParam("databases") @DefaultValue("100") int databases) {
        Policy policy = find(name);
        Check.between("firings", firings, 1, 100);
        Check.between("databases", databases, 0, 10_000);
        Instant now = world.clock().instant();
        List<PolicyView.Firing> next = policy.schedule().timetable().upcoming(now, firings).stream()
                .map(at -> new PolicyView.Firing(
                        at,
                        policy.validity(at).map(validity -> validity.startBy()),
                        policy.validity(at).map(validity -> validity.finishBy())))
                .toList();
        return preview(world, next, policy.select(), policy.tasks(), databases);
    }

    static PolicyView.Preview preview(
            World world, List<PolicyView.Firing> firings, Selector select, List<Step> steps, int most) {
        List<Candidate> candidates = Resolver.resolve(
                select, steps, world.fleet().executors(), world.clock().instant());
        return new PolicyView.Preview(
                firings,
                candidates.size(),
                (int) candidates.stream()
                        .filter(candidate -> candidate.refusal().isPresent())
                        .count(),
                TargetsHash.ofCandidates(candidates),
                candidates.stream()
                        .limit(most)
                        .map(candidate -> new PolicyView.Candidate(
                                candidate.database().id().text(),
                                candidate.executor().executor().text(),
                                EnumText.of(candidate.database().engine()),
                                candidate.refusal().map(Reason::message),
                                candidate.note().map(Reason::message)))
                        .toList());
    }

    @POST
    @Path("{policy}/run")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Runs the policy now, outside its schedule; answers with the verdict")
    public Response run(
            @PathParam("policy") String name,
            @Nullable RunNow body,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @HeaderParam("traceparent") @Nullable String traceparent) {
        RunNow asked = body == null
                ? new RunNow(Optional.empty(), false, Optional.empty(), Optional.empty(), Optional.empty())
                : body;
        Request request = new Request.RunPolicy(
                verdicts.id(asked.id(), key),
                find(name).name(),
                asked.dryRun(),
                asked.targetsHash(),
                asked.requestedBy(),
                asked.reason());
        return verdicts.publish(request, Optional.ofNullable(traceparent));
    }

    private Policy find(String name) {
        return world.policies()
                .inForce()
                .find(new PolicyName(name))
                .orElseThrow(() -> Problems.notFound("There is no policy " + name + "."));
    }
}
