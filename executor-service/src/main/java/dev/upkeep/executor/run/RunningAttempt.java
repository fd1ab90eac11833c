package dev.upkeep.executor.run;

import dev.upkeep.common.Check;
import dev.upkeep.common.result.Progress;
import dev.upkeep.executor.governor.Watch;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.CrashPoint;
import dev.upkeep.executor.operation.Stop;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** The attempt that an operation sees: time from the stop signal, the cursor from the journal, pauses from the governor. */
final class RunningAttempt implements Attempt {
    private static final int LONGEST_CURSOR = 64 * 1024;
    private static final Duration LONG_BATCH = Duration.ofSeconds(1);
    private static final Duration RELIEF = Duration.ofMillis(500);

    private final StopSignal stop;
    private final Watch watch;
    private final Telling telling;
    private final StepRun.Hold hold;
    private final Consumer<String> save;
    private Optional<String> cursor;

    RunningAttempt(
            StopSignal stop,
            Watch watch,
            Telling telling,
            StepRun.Hold hold,
            Optional<String> cursor,
            Consumer<String> save) {
        this.stop = stop;
        this.watch = watch;
        this.telling = telling;
        this.hold = hold;
        this.cursor = cursor;
        this.save = save;
    }

    @Override
    public Optional<Stop> stop() {
        return stop.reason();
    }

    @Override
    public Instant finishBy() {
        return stop.finishBy();
    }

    @Override
    public Optional<String> cursor() {
        return cursor;
    }

    @Override
    public void saveCursor(String text) {
        Check.between("cursor", text.length(), 0, LONGEST_CURSOR);
        CrashPoint.hit("before-cursor");
        save.accept(text);
        cursor = Optional.of(text);
    }

    @Override
    public void progress(double percent, Optional<Duration> timeLeft, String message) {
        telling.percent(percent, timeLeft, message);
    }

    @Override
    public Interruption onStop(Runnable breakOff) {
        return stop.onStop(breakOff);
    }

    @Override
    public void yieldToApplication(Duration batch, Duration pause) {
        boolean isLong = batch.compareTo(LONG_BATCH) > 0 && batch.compareTo(pause) > 0;
        stop.await(isLong ? batch : pause);
        pause();
        hold.check();
    }

    @Override
    public void giveWay(Duration batch, Duration pause, String why) {
        telling.say(Progress.Kind.THROTTLED, why);
        long since = System.nanoTime();
        yieldToApplication(batch, pause);
        if (stop.reason().isEmpty()) {
            telling.relieved(why, Duration.ofNanos(System.nanoTime() - since));
        }
    }

    private void pause() {
        Optional<String> pressure = watch.pressure();
        if (pressure.isEmpty()) {
            return;
        }
        long since = System.nanoTime();
        String why = pressure.get();
        while (pressure.isPresent() && stop.reason().isEmpty()) {
            why = pressure.get();
            telling.say(Progress.Kind.THROTTLED, why);
            stop.await(RELIEF);
            pressure = watch.pressure();
        }
        if (stop.reason().isEmpty()) {
            telling.relieved(why, Duration.ofNanos(System.nanoTime() - since));
        }
    }
}
