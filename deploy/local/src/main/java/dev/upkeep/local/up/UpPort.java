package dev.upkeep.local.up;

import java.util.Locale;

/** The ports that the local system listens on, all on the loopback address. */
public enum UpPort {
    KAFKA(9092),
    POSTGRES(15432),
    SCHEDULER(8081),
    EXECUTOR(8082),
    REPORTER(8083);

    private final int byDefault;

    UpPort(int byDefault) {
        this.byDefault = byDefault;
    }

    int byDefault() {
        return byDefault;
    }

    /** The option that gives another one, such as {@code --kafka-port}. */
    String option() {
        return "--" + name().toLowerCase(Locale.ROOT) + "-port";
    }
}
