package dev.upkeep.local.up;

import dev.upkeep.common.id.RunId;
import dev.upkeep.local.server.LocalFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.logging.LogManager;

/**
 * Starts the whole of Upkeep on this machine and shows its runs: until Ctrl-C, or with {@code --once} until each policy has run
 * once. Exit codes: 0 all well, 1 not all runs ended as they should, 2 a bad option, 3 something could not be started.
 */
public final class Up {
    private static final String CLEAR = "\u001b[H\u001b[2J";
    private static final int ROWS = 30;

    private final PrintStream out;
    private final UpOptions options;
    private final boolean isTerminal;
    private final int width;

    private Up(PrintStream out, UpOptions options) {
        this.out = out;
        this.options = options;
        this.isTerminal = Boolean.getBoolean("upkeep.terminal");
        this.width = Integer.getInteger("upkeep.columns", 200);
    }

    public static void main(String[] args) {
        quietLibraries();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Path home = Path.of(Objects.requireNonNullElse(System.getProperty("upkeep.home"), "."))
                .toAbsolutePath()
                .normalize();
        List<String> words = List.of(args);
        if (words.contains("--help")) {
            out.print(UpOptions.HELP);
            return;
        }
        int status;
        try {
            status = new Up(out, UpOptions.parse(home, words)).run();
        } catch (UpOptions.BadOption e) {
            out.println(e.getMessage());
            status = 2;
        } catch (LocalFailure e) {
            out.println("Stopped: " + e.getMessage());
            status = 3;
        }
        System.exit(status);
    }

    private static void quietLibraries() {
        try (InputStream configuration = Up.class.getResourceAsStream("logging.properties")) {
            LogManager.getLogManager().readConfiguration(configuration);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int run() {
        Instant since = Instant.now();
        out.println("Starting Upkeep in " + options.data());
        try (LocalSystem system = LocalSystem.start(options, out::println);
                RunWatch watch = RunWatch.start(system.kafka())) {
            awaitDatabases(watch);
            out.printf(
                    "All ready after %d s%n%n",
                    java.time.Duration.between(since, Instant.now()).toSeconds());
            if (options.once()) {
                return once(system, watch);
            }
            live(system, watch);
            return 0;
        }
    }

    private static void awaitDatabases(RunWatch watch) {
        Instant end = Instant.now().plusSeconds(60);
        while (watch.reachableDatabases().size() < 3) {
            if (Instant.now().isAfter(end)) {
                throw new LocalFailure(
                        LocalFailure.Code.NOT_READY,
                        "the executor has not registered all databases after 60 s, only " + watch.reachableDatabases());
            }
            pause();
        }
    }

    private int once(LocalSystem system, RunWatch watch) {
        OnceRun once = new OnceRun(system.kafka(), watch, new Policies(policies()).names());
        List<RunId> runs = once.order(Instant.now());
        out.println("Running each policy once: " + String.join(", ", once.policies()));
        Instant end = Instant.now().plus(options.timeout());
        Set<String> shown = new HashSet<>();
        while (!once.isOver(runs) && Instant.now().isBefore(end)) {
            print(once.lines(runs), shown);
            pause();
        }
        out.println();
        new RunTable(once.lines(runs), width).text().forEach(out::println);
        out.println();
        boolean good = once.isGood(runs);
        out.println(
                good
                        ? "All runs ended as they should."
                        : once.isOver(runs)
                                ? "Not all runs ended as they should."
                                : "Not all runs ended within "
                                        + options.timeout().toMinutes() + " minutes.");
        return good ? 0 : 1;
    }

    /** Until Ctrl-C. */
    private void live(LocalSystem system, RunWatch watch) {
        urls(system);
        out.println();
        Set<String> shown = new HashSet<>();
        while (true) {
            for (ServiceProcess service : system.services().all()) {
                if (!service.isAlive() && !service.isClosed()) {
                    out.printf(
                            "The %s ended with status %d; starting it again%n",
                            service.name(), service.process().exitStatus());
                    service.start();
                }
            }
            if (isTerminal) {
                redraw(system, watch);
            } else {
                print(watch.lines(), shown);
            }
            pause();
        }
    }

    private void urls(LocalSystem system) {
        out.println("Scheduler  " + system.services().scheduler().url() + "/api/policies");
        out.println("Executor   " + system.services().executor().url() + "/metrics");
        out.println("Reporter   " + system.services().reporter().url() + "/api/runs");
        out.println("Metrics    " + system.services().reporter().url() + "/metrics");
        out.println("Kafka      " + system.broker().bootstrapServers());
        out.println("Policies   " + policies());
        out.println("Stop with Ctrl-C");
    }

    private void redraw(LocalSystem system, RunWatch watch) {
        out.print(CLEAR);
        urls(system);
        out.println();
        List<RunLine> lines = watch.lines();
        new RunTable(lines.subList(Math.max(0, lines.size() - ROWS), lines.size()), width)
                .text()
                .forEach(out::println);
    }

    /** Each line once, when it has ended. */
    private void print(List<RunLine> lines, Set<String> shown) {
        for (RunLine line : lines) {
            if (line.isEnded() && shown.add(line.run() + " " + line.database())) {
                out.printf(
                        "%s  %s  %s  %s  %s%n",
                        line.run(), line.database(), line.state(), line.tookText(), line.tasks());
            }
        }
    }

    private Path policies() {
        return options.home().resolve("deploy/local/policies");
    }

    private static void pause() {
        try {
            Thread.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalFailure(LocalFailure.Code.INTERRUPTED, "interrupted", e);
        }
    }
}
