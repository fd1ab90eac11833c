package dev.upkeep.local.up;

import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.run.RunState;
import dev.upkeep.local.server.LocalFailure;
import dev.upkeep.local.server.LocalFailure.Code;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Runs each policy once, as anybody could: by a request on the requests topic. */
record OnceRun(KafkaSettings settings, RunWatch watch, List<String> policies) {
    /** Publishes the requests; returns the runs that they make. */
    List<RunId> order(Instant now) {
        Records records = new Records(settings.topics(), "upkeep/local", Clock.systemUTC());
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(settings.producer())) {
            List<RunId> runs = policies.stream()
                    .map(policy -> RunId.ofRequest("once-" + policy + "-" + now.getEpochSecond()))
                    .toList();
            for (int i = 0; i < runs.size(); i++) {
                Request request = new Request.RunPolicy(
                        Optional.of(runs.get(i).text()),
                        new PolicyName(policies.get(i)),
                        false,
                        Optional.empty(),
                        Optional.of("deploy/local/up --once"),
                        Optional.of("each policy once"));
                producer.send(records.of(Message.REQUEST, request, Optional.empty()))
                        .get(30, TimeUnit.SECONDS);
            }
            return runs;
        } catch (ExecutionException | TimeoutException e) {
            throw new LocalFailure(Code.NOT_READY, "the requests could not be published: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalFailure(Code.INTERRUPTED, "interrupted while publishing the requests", e);
        }
    }

    /** Whether nothing more will happen to any of these runs. */
    boolean isOver(List<RunId> runs) {
        return runs.stream()
                        .allMatch(run -> watch.run(run)
                                .map(state -> state.status() != RunState.Status.ACCEPTED)
                                .orElse(false))
                && lines(runs).stream().allMatch(RunLine::isEnded);
    }

    /** Whether each run had a database, and each database of it ended as it should. */
    boolean isGood(List<RunId> runs) {
        return isOver(runs) && lines(runs).stream().allMatch(RunLine::isGood);
    }

    List<RunLine> lines(List<RunId> runs) {
        List<String> ids = runs.stream().map(RunId::text).toList();
        return watch.lines().stream().filter(line -> ids.contains(line.run())).toList();
    }
}
