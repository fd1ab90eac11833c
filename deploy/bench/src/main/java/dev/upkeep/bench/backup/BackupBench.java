package dev.upkeep.bench.backup;

import dev.upkeep.bench.load.Foreground;
import dev.upkeep.bench.load.Pause;
import dev.upkeep.bench.report.Benchmark;
import dev.upkeep.bench.report.Latencies;
import dev.upkeep.bench.report.Options;
import dev.upkeep.bench.report.Sheet;
import dev.upkeep.local.server.Scratch;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Takes backups by Upkeep and by the plain tools that write the same, first of a database at rest and then beside an
 * application. A plain tool's time ends when what it wrote is on disk; it verifies nothing.
 */
public final class BackupBench implements Benchmark {
    private static final String NONE = "no backup";
    private static final Duration WARM_UP = Duration.ofSeconds(2);

    @Override
    public String purpose() {
        return "--engine postgres|sqlite (both if absent), --rows 2_000_000, --rate 300 (transactions a second), --idle 10"
                + " (seconds without a backup), --load yes|no (both if absent)";
    }

    @Override
    public void run(Options options, PrintStream out) throws Exception {
        try (Scratch scratch = Scratch.of("bench-backup")) {
            for (String engine : options.text("engine", "postgres,sqlite").split(",", -1)) {
                int rows = options.number("rows", 2_000_000);
                boolean isPostgres = engine.equals("postgres");
                int rate = options.number("rate", isPostgres ? 300 : 100);
                try (Ground ground = isPostgres
                        ? new PostgresGround(scratch.path().resolve(engine), rows, rate)
                        : new SqliteGround(scratch.path().resolve(engine), rows, rate)) {
                    for (String load : options.text("load", "no,yes").split(",", -1)) {
                        compare(ground, load.equals("yes"), options, out);
                    }
                }
            }
        }
    }

    private static void compare(Ground ground, boolean isLoaded, Options options, PrintStream out) throws Exception {
        double without = Double.NaN;
        if (isLoaded) {
            try (Foreground application = ground.application()) {
                Pause.of(WARM_UP);
                Instant from = Instant.now();
                Pause.of(Duration.ofSeconds(options.number("idle", 10)));
                without = application.between(from, Instant.now()).percentile(0.99);
            }
        }
        for (List<Ground.Way> group : ground.ways()) {
            String against = group.get(0).name();
            Sheet sheet = new Sheet(ground.title() + (isLoaded ? ", beside the application" : ", at rest"))
                    .column("time s", against)
                    .column("with verification s", against)
                    .column("MB")
                    .column("median ms")
                    .column("p99 ms", NONE)
                    .column("max ms");
            if (isLoaded) {
                sheet.row(NONE, Double.NaN, Double.NaN, Double.NaN, Double.NaN, without, Double.NaN);
            }
            for (Ground.Way way : group) {
                sheet.row(
                        way.name(),
                        isLoaded
                                ? beside(ground, way)
                                : figures(way.taking().take(), Double.NaN, Double.NaN, Double.NaN));
            }
            sheet.print(out);
        }
    }

    private static double[] beside(Ground ground, Ground.Way way) throws Exception {
        try (Foreground application = ground.application()) {
            Pause.of(WARM_UP);
            Copy copy = way.taking().take();
            Latencies latencies = application.between(copy.from(), copy.to());
            return figures(copy, latencies.percentile(0.5), latencies.percentile(0.99), latencies.percentile(1));
        }
    }

    private static double[] figures(Copy copy, double median, double p99, double most) {
        return new double[] {copy.seconds(), copy.withVerification(), copy.bytes() / 1e6, median, p99, most};
    }
}
