package dev.upkeep.scheduler.scale;

import dev.upkeep.common.command.Command;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Registration;
import dev.upkeep.common.task.Task;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.scheduler.firing.Firing;
import dev.upkeep.scheduler.firing.PolicyRuns;
import dev.upkeep.scheduler.fixture.Fixtures;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.policy.Policy;
import dev.upkeep.scheduler.run.Dispatch;
import dev.upkeep.scheduler.run.Freezer;
import dev.upkeep.scheduler.run.Run;
import dev.upkeep.scheduler.run.Turns;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Measures what planning one command costs: resolving, freezing, dispatching in batches, and writing command and run state as JSON. */
final class PlanningCost {
    private static final Instant TWO = Instant.parse("2026-11-21T02:00:00Z");
    private static final int ROUNDS = 7;

    private PlanningCost() {}

    /** One line of the table. */
    record Line(int databases, double microsPerCommand, double resolveMillis, double worstBatchMillis) {}

    public static void main(String[] args) {
        measure(10_000); // warm up
        for (int databases : new int[] {1_000, 10_000, 100_000}) {
            Line line = measure(databases);
            System.out.printf(
                    "| %,d | %.1f µs | %.0f ms | %.0f ms |%n",
                    line.databases(), line.microsPerCommand(), line.resolveMillis(), line.worstBatchMillis());
        }
    }

    static Line measure(int databases) {
        List<Registration> executors = fleet(databases);
        Fleet fleet = new Fleet();
        executors.forEach(fleet::register);
        Policy policy = Fixtures.policy("description: nightly");
        List<Double> micros = new ArrayList<>();
        double resolve = Double.MAX_VALUE;
        double batch = Double.MAX_VALUE;
        int rounds = databases < 10_000 ? ROUNDS * 10 : ROUNDS;
        for (int round = 0; round < rounds; round++) {
            long began = System.nanoTime();
            Run run = new PolicyRuns(new Freezer(fleet.executors(), List.of()), List.of())
                    .fire(new Firing(policy, TWO, 0), Map.of(), TWO);
            double frozen = (System.nanoTime() - began) / 1e6;
            double worst = 0;
            int sent = 0;
            while (sent < databases) {
                long batchBegan = System.nanoTime();
                Dispatch.Dispatched due = new Dispatch(fleet, List.of(), TWO).due(run, Turns.FREE, 1_000);
                long bytes = 0;
                for (Command command : due.commands()) {
                    bytes += Wire.write(command).length;
                }
                for (int part = sent / Run.PART;
                        part * Run.PART < sent + due.commands().size();
                        part++) {
                    bytes += Wire.write(due.run().state(part, TWO)).length;
                }
                if (bytes == 0) {
                    throw new IllegalStateException("nothing was sent");
                }
                run = due.run();
                sent += due.commands().size();
                worst = Math.max(worst, (System.nanoTime() - batchBegan) / 1e6);
            }
            micros.add((System.nanoTime() - began) / 1e3 / databases);
            resolve = Math.min(resolve, frozen);
            batch = Math.min(batch, worst);
        }
        micros.sort(null);
        return new Line(databases, micros.get(micros.size() / 2), resolve, batch);
    }

    /** Ten databases per executor, with labels by which policies choose. */
    static List<Registration> fleet(int databases) {
        List<Registration> executors = new ArrayList<>();
        for (int host = 0; host * 10 < databases; host++) {
            List<RegisteredDatabase> own = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                int number = host * 10 + i;
                own.add(Fixtures.database(
                        String.format("host%05d/db%d", host, i),
                        Map.of(
                                "env",
                                number % 3 == 0 ? "test" : "prod",
                                "ring",
                                "r" + number % 20,
                                "team",
                                "t" + host % 50),
                        Task.names()));
            }
            executors.add(Fixtures.executor(String.format("host%05d", host), TWO, own));
        }
        return executors;
    }
}
