package dev.upkeep.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's first command, with {@code --once}, as a person runs it. */
class UpOnceTest {
    private static final List<String> POLICIES = List.of(
            "audit-purge",
            "audit-size",
            "fleet-pulse",
            "queue-backup",
            "queue-care",
            "telemetry-cleanup",
            "telemetry-health");

    @TempDir
    Path folder;

    @Test
    void runsEachPolicyOnceAndAccountsForEveryRun() throws Exception {
        ChildProcess up = up(
                "up.log",
                "--once",
                "--free-ports",
                "--data",
                folder.resolve("data").toString());

        assertThat(up.awaitEnd(Duration.ofMinutes(5))).isTrue();

        String output = Files.readString(up.log());
        assertThat(up.exitStatus()).as(output).isZero();
        assertThat(output).contains("All runs ended as they should.");
        for (String policy : POLICIES) {
            assertThat(output).containsPattern("once-" + policy + "-\\d+ +\\w+ +(succeeded|nothing-to-do)");
        }
    }

    private ChildProcess up(String log, String... options) throws Exception {
        List<String> command = new java.util.ArrayList<>(
                List.of(WholeSystem.home().resolve("deploy/local/up").toString()));
        command.addAll(List.of(options));
        return ChildSetup.of("up", command, folder.resolve(log)).start();
    }
}
