package dev.upkeep.executor.shell;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.Sha256;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.command.Origin;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.command.Validity;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Progress;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.intake.Intakes;
import dev.upkeep.executor.journal.Arrival;
import dev.upkeep.executor.journal.JournalFolder;
import dev.upkeep.executor.run.Host;
import dev.upkeep.executor.run.Identity;
import dev.upkeep.executor.run.Once;
import dev.upkeep.executor.run.RetryPolicy;
import dev.upkeep.executor.run.Runs;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Carries out one task from the command line. The result goes to {@code out}, progress and what cannot be understood to
 * {@code err}. A journal of its own, thrown away afterwards, stands in for the executor's: the service may run at the same time,
 * and the fence keeps the two apart.
 */
public final class Shell {
    private static final String NAME = "shell";

    private final Host host;
    private final Guardrails guardrails;
    private final RetryPolicy retry;
    private final PrintStream out;
    private final PrintStream err;

    public Shell(Host host, Guardrails guardrails, RetryPolicy retry, PrintStream out, PrintStream err) {
        this.host = host;
        this.guardrails = guardrails;
        this.retry = retry;
        this.out = out;
        this.err = err;
    }

    /** Does it; returns the exit status. */
    public int run(List<String> arguments) {
        ShellOrder order;
        try {
            order = ShellOrder.parse(arguments);
        } catch (InvalidValue e) {
            err.println(e.getMessage());
            err.print(ShellOrder.USAGE);
            return ShellOutput.BAD;
        }
        Command command = command(order);
        Result result = Intakes.refusal(host, guardrails, command)
                .map(reason -> refused(command, reason))
                .orElseGet(() -> carryOut(command));
        if (order.isJson()) {
            ShellOutput.json(result, out);
        } else {
            ShellOutput.table(result, out);
        }
        return ShellOutput.status(result);
    }

    private Command command(ShellOrder order) {
        Instant now = host.clock().instant();
        RunId run = RunId.ofRequest(
                NAME + "-" + now.toEpochMilli() + "-" + ProcessHandle.current().pid());
        Instant end = now.plus(order.timeLimit());
        return new Command(
                CommandId.of(run, order.database()),
                run,
                new Origin(
                        Origin.Kind.REQUEST,
                        NAME,
                        Optional.ofNullable(System.getProperty("user.name")),
                        Optional.empty()),
                order.database(),
                host.executor(),
                now,
                now,
                new Validity(now, end, end),
                order.dryRun(),
                order.planHash(),
                List.of(Step.of(order.task())));
    }

    private Result refused(Command command, Reason reason) {
        return Identity.of(command)
                .refused(
                        command.executor(),
                        Outcome.REJECTED,
                        reason,
                        host.clock().instant());
    }

    private Result carryOut(Command command) {
        Path scratch = scratch();
        Records records = new Records(Topics.DEFAULT, "upkeep/shell", host.clock());
        try (JournalFolder folder = JournalFolder.open(scratch, host.executor(), host.clock())) {
            byte[] body = Wire.write(command);
            ProducerRecord<String, byte[]> record = records.of(Message.COMMAND, command, Optional.empty());
            folder.journal()
                    .receive(List.of(new Arrival.Ordered(
                            command.id(), body, Sha256.hex(body), Optional.empty(), Optional.empty(), record)));
            Once once = new Runs(host, guardrails, folder.journal(), records, this::tell).once(retry, command);
            Thread onInterrupt = new Thread(once::cancel, "interrupt");
            Runtime.getRuntime().addShutdownHook(onInterrupt);
            once.run();
            forget(onInterrupt);
            return Wire.read(folder.outbox().pending(1).get(0).record().value(), Result.class);
        } catch (Unreadable e) {
            throw new IllegalStateException("an own result cannot be read", e);
        } finally {
            remove(scratch);
        }
    }

    private static void forget(Thread onInterrupt) {
        try {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        } catch (IllegalStateException e) {
            Thread.onSpinWait(); // the process is ending already, by the interrupt that was waited for
        }
    }

    private void tell(Progress progress) {
        switch (progress.kind()) {
            case PERCENT, THROTTLED, RETRYING ->
                err.println(progress.task().orElse("") + ": "
                        + EnumText.of(progress.kind())
                        + progress.percent()
                                .map(percent -> " " + Math.round(percent) + " %")
                                .orElse("")
                        + progress.timeLeft()
                                .map(left -> ", " + left.toSeconds() + " s left")
                                .orElse("")
                        + progress.message().map(message -> ": " + message).orElse(""));
            case ACCEPTED, STARTED, STEP, STEP_ENDED -> err.flush();
        }
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory("upkeep-shell-");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for the journal", e);
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the temporary folder " + folder + " could not be removed", e);
        }
    }
}
