package dev.upkeep.local.up;

import dev.upkeep.local.server.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the launcher was told. Immutable.
 *
 * @param home the repository, where the built services are
 * @param data where everything is kept
 * @param once run each policy once and end
 * @param reset delete the data first
 * @param ports one for each use
 * @param postgresBin the programs of a PostgreSQL other than the newest installed one
 * @param timeout how long {@code --once} waits for the runs to end
 */
public record UpOptions(
        Path home,
        Path data,
        boolean once,
        boolean reset,
        Map<UpPort, Integer> ports,
        Optional<Path> postgresBin,
        Duration timeout) {
    static final String HELP = """
            deploy/local/up [options]: the whole of Upkeep on this machine

              --once                run each policy once, print the results, end; exit code 0 only if all ended well
              --data DIR            where everything is kept (default .upkeep/local in the repository)
              --reset               delete that folder's data first
              --free-ports          take free ports instead of the usual ones, except those given
              --kafka-port N        (default 9092)
              --postgres-port N     (default 15432)
              --scheduler-port N    (default 8081)
              --executor-port N     (default 8082)
              --reporter-port N     (default 8083)
              --postgres-bin DIR    bin folder of a PostgreSQL server (default: the newest installed one, else the
                                    binaries that Maven brought)
              --timeout MINUTES     how long --once waits for the runs to end (default 10)
              --help
            """;

    public UpOptions {
        ports = Map.copyOf(ports);
    }

    /** The defaults, for a repository. */
    public static UpOptions in(Path home) {
        Map<UpPort, Integer> ports = new EnumMap<>(UpPort.class);
        for (UpPort port : UpPort.values()) {
            ports.put(port, port.byDefault());
        }
        return new UpOptions(
                home, home.resolve(".upkeep/local"), false, false, ports, Optional.empty(), Duration.ofMinutes(10));
    }

    /** The same with free ports and another folder, for tests. */
    public UpOptions isolated(Path folder) {
        return new UpOptions(home, folder, once, reset, freePorts(), postgresBin, timeout);
    }

    int port(UpPort use) {
        Integer port = ports.get(use);
        if (port == null) {
            throw new IllegalStateException("no port for " + use);
        }
        return port;
    }

    private static Map<UpPort, Integer> freePorts() {
        Map<UpPort, Integer> free = new EnumMap<>(UpPort.class);
        for (UpPort use : UpPort.values()) {
            free.put(use, Ports.free());
        }
        return free;
    }

    /**
     * Reads the command line.
     *
     * @throws BadOption for a word that it does not know or a value that cannot be
     */
    static UpOptions parse(Path home, List<String> words) {
        UpOptions defaults = in(home);
        Map<UpPort, Integer> ports = new EnumMap<>(words.contains("--free-ports") ? freePorts() : defaults.ports());
        Path data = defaults.data();
        Optional<Path> bin = Optional.empty();
        Duration timeout = defaults.timeout();
        Deque<String> rest = new ArrayDeque<>(words);
        while (!rest.isEmpty()) {
            String word = rest.pop();
            Optional<UpPort> port = Arrays.stream(UpPort.values())
                    .filter(p -> p.option().equals(word))
                    .findFirst();
            if (port.isPresent()) {
                ports.put(port.get(), number(word, value(word, rest), 1, 65_535));
            } else if ("--data".equals(word)) {
                data = Path.of(value(word, rest)).toAbsolutePath().normalize();
            } else if ("--postgres-bin".equals(word)) {
                bin = Optional.of(Path.of(value(word, rest)).toAbsolutePath());
            } else if ("--timeout".equals(word)) {
                timeout = Duration.ofMinutes(number(word, value(word, rest), 1, 1_440));
            } else if (!List.of("--once", "--reset", "--free-ports").contains(word)) {
                throw new BadOption(word + ": not an option (see --help)");
            }
        }
        return new UpOptions(home, data, words.contains("--once"), words.contains("--reset"), ports, bin, timeout);
    }

    private static String value(String option, Deque<String> rest) {
        if (rest.isEmpty() || rest.peek().startsWith("--")) {
            throw new BadOption(option + ": needs a value (see --help)");
        }
        return rest.pop();
    }

    private static int number(String option, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new BadOption("%s: %s (must be a number from %d to %d)".formatted(option, value, least, most));
    }

    /** A command line that cannot be followed. */
    static final class BadOption extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadOption(String message) {
            super(message);
        }
    }
}
