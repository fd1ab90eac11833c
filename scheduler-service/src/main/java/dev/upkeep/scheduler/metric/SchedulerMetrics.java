package dev.upkeep.scheduler.metric;

import dev.upkeep.common.wire.EnumText;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The scheduler's own metrics. Label sets are bounded: no database, run or request is a label. Thread-safe. */
public final class SchedulerMetrics {
    private final MeterRegistry registry;
    private final Timer firingLag;
    private final Timer tick;
    private final Map<RoundPart, Timer> parts = new EnumMap<>(RoundPart.class);
    private final Timer rebuild;
    private final Timer transaction;
    private final Counter commands;
    private final Counter cancels;
    private final DistributionSummary frozen;
    private final MultiGauge overdue;

    /** In this registry. */
    public SchedulerMetrics(MeterRegistry registry) {
        this.registry = registry;
        firingLag = Timer.builder("upkeep.scheduler.firing.lag")
                .description("Time from a firing's nominal time to its run being written")
                .publishPercentiles(0.5, 0.99)
                .register(registry);
        tick = Timer.builder("upkeep.scheduler.tick")
                .description("Time that one round of the leader's work takes, its transactions included")
                .publishPercentiles(0.5, 0.99)
                .serviceLevelObjectives(Duration.ofMillis(100))
                .register(registry);
        for (RoundPart part : RoundPart.values()) {
            parts.put(
                    part,
                    Timer.builder("upkeep.scheduler.tick.part")
                            .description("Time that one part of a round takes")
                            .tag("part", EnumText.of(part))
                            .register(registry));
        }
        rebuild = Timer.builder("upkeep.scheduler.rebuild")
                .description("Time from being elected to leading: reading the state from the topics")
                .register(registry);
        transaction = Timer.builder("upkeep.scheduler.transaction")
                .description("Time that one transaction takes")
                .publishPercentiles(0.5, 0.99)
                .register(registry);
        commands = Counter.builder("upkeep.scheduler.commands")
                .description("Commands sent")
                .register(registry);
        cancels = Counter.builder("upkeep.scheduler.cancels")
                .description("Orders to stop sent")
                .register(registry);
        overdue = MultiGauge.builder("upkeep.scheduler.policy.overdue")
                .description("1 for a policy that had no good run for longer than its alertIfMissing")
                .register(registry);
        frozen = DistributionSummary.builder("upkeep.scheduler.run.databases")
                .description("Databases per run")
                .register(registry);
        // shown from the start, so that the first event is an increase
        List.of("accepted", "rejected", "repeated", "ended").forEach(this::requests);
        List.of("run", "proposed").forEach(this::answers);
        List.of("ended", "rejected", "skipped").forEach(this::runsEnded);
        List.of("command", "cancel", "run-state", "control", "dead-letter").forEach(this::tooLarge);
    }

    private Counter requests(String verdict) {
        return registry.counter("upkeep.scheduler.requests", "verdict", verdict);
    }

    private Counter answers(String by) {
        return registry.counter("upkeep.scheduler.answers", "by", by);
    }

    private Counter runsEnded(String status) {
        return registry.counter("upkeep.scheduler.runs.ended", "status", status);
    }

    private Counter tooLarge(String kind) {
        return registry.counter("upkeep.scheduler.oversized", "message", kind);
    }

    /** A record of this kind of message was too large for the broker. */
    public void oversized(String kind) {
        tooLarge(kind).increment();
    }

    /** A level that is asked for when metrics are read. */
    public void level(String name, String description, Supplier<Number> value) {
        io.micrometer.core.instrument.Gauge.builder("upkeep.scheduler." + name, value)
                .description(description)
                .register(registry);
    }

    /** A level for one value of a label of bounded variety. */
    public void level(String name, String description, String label, String labelValue, Supplier<Number> value) {
        io.micrometer.core.instrument.Gauge.builder("upkeep.scheduler." + name, value)
                .description(description)
                .tag(label, labelValue)
                .register(registry);
    }

    /** For each policy that asks for it, whether it is overdue. */
    public void overdue(Map<String, Boolean> policies) {
        overdue.register(
                policies.entrySet().stream()
                        .map(policy -> MultiGauge.Row.of(Tags.of("policy", policy.getKey()), policy.getValue() ? 1 : 0))
                        .collect(Collectors.toList()),
                true);
    }

    public void fired(Duration lag) {
        firingLag.record(lag.isNegative() ? Duration.ZERO : lag);
    }

    /** A round was done, and these parts of it. */
    public void ticked(Duration took, Map<RoundPart, Duration> ofParts) {
        tick.record(took);
        ofParts.forEach((part, time) -> Optional.ofNullable(parts.get(part)).ifPresent(timer -> timer.record(time)));
    }

    public void rebuilt(Duration took) {
        rebuild.record(took);
    }

    public void wrote(Duration took, int commandsSent, int cancelsSent) {
        transaction.record(took);
        commands.increment(commandsSent);
        cancels.increment(cancelsSent);
    }

    public void begun(int databases) {
        frozen.record(databases);
    }

    /** A request judged: {@code accepted}, {@code rejected}, {@code repeated} or {@code ended}. */
    public void judged(String verdict) {
        requests(verdict).increment();
    }

    /** Findings of one policy were answered: by a {@code run}, or {@code proposed}. */
    public void answered(String by) {
        answers(by).increment();
    }

    /** A run ended with this status: {@code ended}, {@code rejected} or {@code skipped}. */
    public void ended(String status) {
        runsEnded(status).increment();
    }
}
