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
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

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
                + " (seconds without a backup), --load yes|no (both if absent), --repeat 3 (the median counts), --rate-limit 60M,"
                + " --jvm -XX:TieredStopAtLevel=1 (further options of the executor's Java)";
    }

    @Override
    public void run(Options options, PrintStream out) throws Exception {
        try (Scratch scratch = Scratch.of("bench-backup")) {
            for (String engine : options.text("engine", "postgres,sqlite").split(",", -1)) {
                int rows = options.number("rows", 2_000_000);
                boolean isPostgres = engine.equals("postgres");
                int rate = options.number("rate", isPostgres ? 300 : 100);
                String jvm = options.text("jvm", "");
                Variant variant =
                        new Variant(jvm.isEmpty() ? List.of() : List.of(jvm), options.text("rate-limit", "60M"));
                try (Ground ground = isPostgres
                        ? new PostgresGround(scratch.path().resolve(engine), rows, rate, variant)
                        : new SqliteGround(scratch.path().resolve(engine), rows, rate, variant)) {
                    for (String load : options.text("load", "no,yes").split(",", -1)) {
                        compare(ground, load.equals("yes"), options, out);
                    }
                }
            }
        }
    }

    private static void compare(Ground ground, boolean isLoaded, Options options, PrintStream out) throws Exception {
        int repeat = options.number("repeat", 3);
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
                                ? beside(ground, way, repeat)
                                : figures(copies(way, repeat), Double.NaN, Double.NaN, Double.NaN));
            }
            sheet.print(out);
        }
    }

    private static List<Copy> copies(Ground.Way way, int repeat) throws Exception {
        List<Copy> copies = new ArrayList<>();
        for (int i = 0; i < repeat; i++) {
            copies.add(way.taking().take());
        }
        return copies;
    }

    private static double[] beside(Ground ground, Ground.Way way, int repeat) throws Exception {
        try (Foreground application = ground.application()) {
            Pause.of(WARM_UP);
            List<Copy> copies = copies(way, repeat);
            Latencies latencies = Latencies.together(copies.stream()
                    .map(copy -> application.between(copy.from(), copy.to()))
                    .toList());
            return figures(copies, latencies.percentile(0.5), latencies.percentile(0.99), latencies.percentile(1));
        }
    }

    private static double[] figures(List<Copy> copies, double median, double p99, double most) {
        return new double[] {
            median(copies, Copy::seconds),
            median(copies, Copy::withVerification),
            copies.get(0).bytes() / 1e6,
            median,
            p99,
            most
        };
    }

    private static double median(List<Copy> copies, ToDoubleFunction<Copy> figure) {
        return copies.stream()
                .mapToDouble(figure)
                .sorted()
                .skip((copies.size() - 1) / 2)
                .findFirst()
                .orElse(Double.NaN);
    }
}
