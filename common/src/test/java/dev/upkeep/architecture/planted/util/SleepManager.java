package dev.upkeep.architecture.planted.util;

/** A planted violation of four rules: package, name, sleep and logger. */
public final class SleepManager {
    private SleepManager() {}

    static void sleep() throws InterruptedException {
        java.util.logging.Logger.getLogger("planted").info("asleep");
        Thread.sleep(1);
    }
}
