package dev.upkeep.executor.wiring;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.Arrays;
import java.util.Map;

/** The way in: the service, or with {@code exec} as the first argument one task from the shell. */
@QuarkusMain
public class Main {
    /** Set in shell mode: no port is opened, no journal, no Kafka. */
    static final String SHELL = "upkeep.shell";

    private static final Map<String, String> SHELL_SETTINGS = Map.of(
            SHELL,
            "true",
            "quarkus.http.host-enabled",
            "false",
            "quarkus.log.console.stderr",
            "true",
            "quarkus.log.level",
            "WARN");

    /** Starts. */
    public static void main(String... arguments) {
        if (arguments.length > 0 && arguments[0].equals("exec")) {
            SHELL_SETTINGS.forEach(System::setProperty);
            Quarkus.run(
                    ShellApplication.class,
                    (status, failure) -> System.exit(failure == null ? status : 2),
                    Arrays.copyOfRange(arguments, 1, arguments.length));
        } else {
            Quarkus.run(arguments);
        }
    }
}
