package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.sqlite.SQLiteConnection;

/**
 * Copies a SQLite file in a process of its own, which can be ended at any moment; a copy in this process cannot, since the driver goes on
 * to the end once it has begun. Costs a quarter of a second and some 45 MB while it runs.
 */
final class CopyProcess {
    private static final Duration END = Duration.ofSeconds(30);
    private static final List<String> OPTIONS =
            List.of("-Xmx16m", "-Xss256k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp");

    private final Path java;
    private final String classPath;

    private CopyProcess(Path java, String classPath) {
        this.java = java;
        this.classPath = classPath;
    }

    /** Learns what was copied; throws to end the copy. */
    interface Watcher {
        void copied(int remaining, int all) throws IOException;
    }

    /** How such a process is started; empty where the program or its classes are not to be found as files. */
    static Optional<CopyProcess> find() {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Optional<Path> own = fileOf(CopyMain.class);
        Optional<Path> driver = fileOf(SQLiteConnection.class);
        return Files.isExecutable(java) && own.isPresent() && driver.isPresent()
                ? Optional.of(new CopyProcess(java, own.get() + File.pathSeparator + driver.get()))
                : Optional.empty();
    }

    private static Optional<Path> fileOf(Class<?> type) {
        return Stream.ofNullable(type.getProtectionDomain().getCodeSource())
                .map(CodeSource::getLocation)
                .filter(place -> place != null && place.getProtocol().equals("file"))
                .flatMap(place -> {
                    try {
                        return Stream.of(Path.of(place.toURI()));
                    } catch (URISyntaxException | IllegalArgumentException e) {
                        return Stream.empty();
                    }
                })
                .filter(Files::exists)
                .findFirst();
    }

    /**
     * Copies; returns whether the process could be started. Once it has begun, it succeeds or throws.
     *
     * @param pages of one step
     */
    @SuppressWarnings("try") // some resources only have to be closed
    boolean copy(Path source, Path target, boolean isReadOnly, int pages, Attempt attempt, Watcher watcher)
            throws SQLException, IOException {
        List<String> arguments = Stream.concat(
                        OPTIONS.stream(),
                        Stream.of(
                                classPath,
                                CopyMain.class.getName(),
                                source.toString(),
                                target.toString(),
                                isReadOnly ? "ro" : "rw",
                                Integer.toString(pages)))
                .toList();
        try (Program program = Program.start(ProgramOrder.of(java, arguments, Map.of()));
                Attempt.Interruption interruption = attempt.onStop(program::stop);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(program.output(), StandardCharsets.UTF_8))) {
            boolean hasBegun = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(CopyMain.DONE)) {
                    program.await(END);
                    return true;
                }
                if (line.startsWith(CopyMain.ERROR)) {
                    throw error(line);
                }
                String[] words = line.split(" ", -1);
                watcher.copied(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
                hasBegun = true;
                program.input().write('\n');
                program.input().flush();
            }
            attempt.stop().ifPresent(stop -> {
                throw Pump.stopped(stop, null);
            });
            if (hasBegun) {
                throw new Failure(
                        Code.TOOL_FAILED, "the process that copies the file ended early: " + program.complaints());
            }
            return false;
        }
    }

    private static SQLException error(String line) {
        String[] words = line.split(" ", 3);
        return new SQLException(words[2], "", Integer.parseInt(words[1]));
    }
}
