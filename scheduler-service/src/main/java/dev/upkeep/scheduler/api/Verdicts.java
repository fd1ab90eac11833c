package dev.upkeep.scheduler.api;

import dev.upkeep.common.id.RunId;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.run.RunState;
import dev.upkeep.scheduler.leader.World;
import dev.upkeep.scheduler.run.Run;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Publishes requests for callers and waits for the verdict on them. */
@Singleton
class Verdicts {
    private final Bus bus;
    private final World world;
    private final ApiConfig config;

    Verdicts(Bus bus, World world, ApiConfig config) {
        this.bus = bus;
        this.world = world;
        this.config = config;
    }

    /** The request's id: as given, else the caller's key, else a new one, so that the verdict can be found. */
    Optional<String> id(Optional<String> given, @Nullable String key) {
        return Optional.of(
                given.orElseGet(() -> key != null ? key : UUID.randomUUID().toString()));
    }

    /** 200 accepted, 409 id taken, 422 rejected, 202 no verdict yet. */
    Response publish(Request request, Optional<String> traceparent) {
        RunId id = RunId.ofRequest(request.id().orElseThrow());
        RunId place = RunId.ofRequest(bus.publish(request, traceparent));
        Optional<Run> verdict = world.book()
                .await(
                        () -> {
                            Optional<Run> conflict = world.book().find(place);
                            return conflict.isPresent()
                                    ? conflict
                                    : world.book().find(id).filter(run -> run.isFor(request));
                        },
                        config.verdictWithin());
        if (verdict.isEmpty()) {
            return Response.accepted(new Pending(id.text(), "no verdict yet; ask again"))
                    .location(URI.create("/api/runs/" + id))
                    .build();
        }
        Run run = verdict.get();
        if (run.head().status() == RunState.Status.REJECTED) {
            boolean conflict = run.head().reasons().stream().anyMatch(reason -> reason.code() == Code.ID_CONFLICT);
            return Response.status(conflict ? 409 : 422)
                    .entity(RunView.Detail.of(run, 100, 0))
                    .build();
        }
        return Response.ok(RunView.Detail.of(run, 100, 0))
                .location(URI.create("/api/runs/" + id))
                .build();
    }

    /** The answer when the leader has not spoken yet. */
    public record Pending(String run, String message) {}
}
