package dev.upkeep.executor.operation.backup.program;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {
    @TempDir
    Path folder;

    @Test
    void endsADumpWithItsOtherSessionsWhenTheThreadThatStartedItIsGone() throws Exception {
        Path dump = Files.writeString(folder.resolve("pg_dump"), """
                #!/bin/sh
                sleep 300 &
                trap 'kill $!; exit 1' TERM
                echo $!
                wait
                """);
        Files.setPosixFilePermissions(dump, PosixFilePermissions.fromString("rwx------"));
        FutureTask<String> session = new FutureTask<>(() -> {
            Program program = Program.start(ProgramOrder.of(dump, List.of(), Map.of()));
            return new BufferedReader(new InputStreamReader(program.output(), StandardCharsets.UTF_8)).readLine();
        });

        new Thread(session).start();
        Path other = Path.of("/proc", session.get(), "cmdline");

        await().atMost(Duration.ofSeconds(30)).until(() -> isGone(other));
    }

    private static boolean isGone(Path commandLine) throws IOException {
        try {
            return Files.readString(commandLine).isEmpty(); // it has ended, and nobody has asked for its status
        } catch (NoSuchFileException e) {
            return true;
        }
    }
}
