package dev.upkeep.bench;

import dev.upkeep.bench.backup.BackupBench;
import dev.upkeep.bench.health.HealthBench;
import dev.upkeep.bench.purge.PurgeBench;
import dev.upkeep.bench.replay.ReplayBenchmark;
import dev.upkeep.bench.report.Benchmark;
import dev.upkeep.bench.report.Options;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Runs the benchmark that the first argument names, with the rest as its options. */
public final class Bench {
    private static final Map<String, Benchmark> BENCHMARKS = new TreeMap<>(Map.of(
            "backup",
            new BackupBench(),
            "health",
            new HealthBench(),
            "purge",
            new PurgeBench(),
            "replay",
            new ReplayBenchmark()));

    private Bench() {}

    /** Starts. */
    @SuppressWarnings("SystemOut") // a command line tool prints
    public static void main(String... arguments) throws Exception {
        Benchmark benchmark = arguments.length == 0 ? null : BENCHMARKS.get(arguments[0]);
        if (benchmark == null) {
            System.err.println("usage: deploy/bench/run <name> [--option value ...]");
            BENCHMARKS.forEach((name, each) -> System.err.println("  " + name + ": " + each.purpose()));
            System.exit(2);
            return;
        }
        benchmark.run(Options.parse(Arrays.asList(arguments).subList(1, arguments.length)), System.out);
    }
}
