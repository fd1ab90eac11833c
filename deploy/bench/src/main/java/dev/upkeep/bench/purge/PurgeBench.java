package dev.upkeep.bench.purge;

import dev.upkeep.bench.load.Foreground;
import dev.upkeep.bench.load.Pause;
import dev.upkeep.bench.load.ResidentExecutor;
import dev.upkeep.bench.report.Benchmark;
import dev.upkeep.bench.report.Latencies;
import dev.upkeep.bench.report.Options;
import dev.upkeep.bench.report.Sheet;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.TaskResult;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.local.server.Scratch;
import java.io.PrintStream;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Purges half of a table by Upkeep, by what people write, and not at all, each beside the same application on the same table. */
public final class PurgeBench implements Benchmark {
    private static final String NONE = "no purge";
    private static final DatabaseId STAGE = new DatabaseId("stage");

    @Override
    public String purpose() {
        return "--engine postgres|sqlite, --scenario plain|snapshot|children (all if absent), --rows 2_000_000, --repeat 1,"
                + " --rate 200 (transactions a second), --idle 10 (seconds without a purge), --warm-up 2 (seconds before each), --only <contenders, comma between>, --statements 0 (PostgreSQL: how many of the"
                + " costliest are shown), --jvm <options>, --config 'purge: {batch-duration: PT0.005S}'";
    }

    @Override
    public void run(Options options, PrintStream out) throws Exception {
        try (Scratch scratch = Scratch.of("bench-purge")) {
            for (String engine : options.text("engine", "postgres,sqlite").split(",", -1)) {
                boolean isPostgres = engine.equals("postgres");
                int sessions = isPostgres ? PostgresGround.SESSIONS : SqliteGround.SESSIONS;
                Duration period = Duration.ofSeconds(1)
                        .multipliedBy(sessions)
                        .dividedBy(options.number("rate", isPostgres ? 200 : 100));
                try (Ground ground = isPostgres
                        ? new PostgresGround(scratch.path().resolve(engine), period)
                        : new SqliteGround(scratch.path().resolve(engine), period)) {
                    Optional<ResidentExecutor> executor = Optional.empty();
                    for (Scenario scenario : Scenario.values()) {
                        if (options.text("scenario", "plain,snapshot,children")
                                .contains(scenario.name().toLowerCase(Locale.ROOT))) {
                            ground.prepare(scenario, options.number("rows", 2_000_000));
                            if (executor.isEmpty()) {
                                executor = Optional.of(warm(ground, options));
                            }
                            compare(ground, scenario, executor.get(), options, out);
                        }
                    }
                    executor.ifPresent(ResidentExecutor::close);
                }
            }
        }
    }

    /** The executor has been at work for a while: it has purged once before. */
    private static ResidentExecutor warm(Ground ground, Options options) throws Exception {
        ground.refresh();
        String jvm = options.text("jvm", "");
        ResidentExecutor executor =
                ground.executor(jvm.isEmpty() ? List.of() : List.of(jvm.split(" ", -1)), options.text("config", ""));
        executor.run(STAGE, purge(Purge.Pace.FAST, ground.format()));
        return executor;
    }

    /** What one run of one contender gave. */
    private record Run(double seconds, double wal, long rows, Latencies latencies) {}

    private static void compare(
            Ground ground, Scenario scenario, ResidentExecutor executor, Options options, PrintStream out)
            throws Exception {
        int rows = options.number("rows", 2_000_000);
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        for (int i = 0; i < options.number("repeat", 1); i++) {
            for (Map.Entry<String, Contender> each : contenders(ground, scenario, executor, options.number("idle", 10))
                    .entrySet()) {
                if (Stream.of(options.text("only", "").split(",", -1)).anyMatch(each.getKey()::contains)) {
                    runs.computeIfAbsent(each.getKey(), name -> new ArrayList<>())
                            .add(measure(
                                    ground,
                                    scenario,
                                    each.getValue(),
                                    Duration.ofSeconds(options.number("warm-up", 2))));
                    ground.statements(options.number("statements", 0))
                            .forEach(line -> out.println("    " + each.getKey() + ": " + line));
                }
            }
        }
        List<String> scripts =
                ground.scripts(scenario).stream().map(Script::name).toList();
        String fastest = scripts.stream()
                .filter(runs::containsKey)
                .min(Comparator.comparingDouble(
                        name -> median(Optional.ofNullable(runs.get(name)).orElseThrow())))
                .orElse(scripts.get(0));
        String against = scenario == Scenario.CHILDREN ? fastest : scripts.get(0);
        Sheet sheet = new Sheet(String.format(
                        Locale.ROOT, "%s, %s, %,d rows, half to go", ground.title(), scenario.title, rows))
                .column("time s", against)
                .column("WAL MB", against)
                .column("median ms")
                .column("p99 ms", NONE)
                .column("max ms")
                .column("rows deleted");
        runs.forEach((name, all) -> sheet.row(name, figures(name, all)));
        sheet.print(out);
    }

    /** One way to purge; returns when it worked. */
    private interface Contender {
        Timing run() throws Exception;
    }

    private static Map<String, Contender> contenders(
            Ground ground, Scenario scenario, ResidentExecutor executor, int idle) {
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put(NONE, () -> {
            Instant from = Instant.now();
            Pause.of(Duration.ofSeconds(idle));
            return new Timing(from, Instant.now(), Duration.ZERO, 0);
        });
        for (Script script : ground.scripts(scenario)) {
            contenders.put(script.name(), () -> {
                try (Connection connection = ground.script()) {
                    return script.run(connection);
                }
            });
        }
        for (Purge.Pace pace : List.of(Purge.Pace.FAST, Purge.Pace.GENTLE)) {
            contenders.put("Upkeep, " + EnumText.of(pace), () -> {
                TaskResult result = executor.run(STAGE, purge(pace, ground.format()));
                return new Timing(
                        result.startedAt().orElseThrow(),
                        result.endedAt().orElseThrow(),
                        Duration.between(
                                result.startedAt().orElseThrow(),
                                result.endedAt().orElseThrow()),
                        ResidentExecutor.deleted(result));
            });
        }
        return contenders;
    }

    private static Purge purge(Purge.Pace pace, Optional<Purge.TimeFormat> format) {
        Purge.Rule rule = new Purge.Rule(
                TableName.parse("events"), ColumnName.parse("created_at"), Ground.KEEP, format, List.of());
        return new Purge(List.of(rule), Optional.empty(), Optional.empty(), Optional.of(pace), true, Optional.empty());
    }

    private static Run measure(Ground ground, Scenario scenario, Contender contender, Duration warmUp)
            throws Exception {
        ground.refresh();
        Timing timing;
        Latencies latencies;
        try (Connection held = scenario == Scenario.SNAPSHOT ? ground.snapshot() : null;
                Foreground application = ground.application()) {
            Pause.of(warmUp);
            timing = contender.run();
            latencies = application.between(timing.from(), timing.to());
            if (held != null) {
                held.rollback();
            }
        }
        if (timing.rows() > 0 && ground.left() > 0) {
            throw new IllegalStateException(ground.left() + " old rows are left");
        }
        return new Run(timing.took().toNanos() / 1e9, ground.walBytes(), timing.rows(), latencies);
    }

    private static double median(List<Run> runs) {
        double[] seconds = runs.stream().mapToDouble(Run::seconds).sorted().toArray();
        return seconds[seconds.length / 2];
    }

    /** Medians over the runs, and the latencies of all of them taken together. */
    private static double[] figures(String name, List<Run> runs) {
        Latencies all = Latencies.together(runs.stream().map(Run::latencies).toList());
        double[] wal = runs.stream().mapToDouble(Run::wal).sorted().toArray();
        boolean isNone = name.equals(NONE);
        return new double[] {
            isNone ? Double.NaN : median(runs),
            isNone ? Double.NaN : wal[wal.length / 2] / 1e6,
            all.percentile(0.5),
            all.percentile(0.99),
            all.percentile(1),
            isNone ? Double.NaN : runs.get(0).rows()
        };
    }
}
