package dev.upkeep.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
    @TempDir
    Path folder;

    @Test
    void appendsTheProgramsOutputToItsLog() throws Exception {
        ChildProcess child = run("echo to-out; echo to-err >&2; exit 3");

        assertThat(child.awaitEnd(Duration.ofSeconds(10))).isTrue();

        assertThat(child.exitStatus()).isEqualTo(3);
        assertThat(Files.readString(child.log())).isEqualTo("to-out\nto-err\n");
    }

    @Test
    void stopsTheProgramInGoodOrder() throws Exception {
        try (ChildProcess child = run("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done")) {
            await().until(() -> Files.readString(child.log()).contains("up"));

            child.stop("TERM");

            assertThat(child.isAlive()).isFalse();
            assertThat(Files.readString(child.log())).endsWith("bye\n");
        }
    }

    @Test
    void killsAProgramThatDoesNotStop() throws Exception {
        ChildSetup stubborn = new ChildSetup(
                "stubborn",
                List.of("/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"),
                folder.resolve("log"),
                "TERM",
                Duration.ofSeconds(1),
                Optional.empty());
        ChildProcess child = stubborn.start();
        await().until(() -> Files.readString(child.log()).contains("up"));

        child.close();

        assertThat(child.exitStatus()).isEqualTo(128 + 9);
    }

    @Test
    void showsTheEndOfTheLogOfAProgramThatDidNotBecomeReady() {
        ChildProcess child = run("echo no such setting; exit 1");

        assertThatThrownBy(() -> child.awaitReady(Duration.ofSeconds(10), () -> false))
                .isInstanceOf(LocalFailure.class)
                .hasMessageContainingAll(
                        "test program ended with status 1",
                        "no such setting",
                        child.log().toString());
    }

    @Test
    void leavesStackFramesOutOfTheEndOfTheLog() {
        ChildProcess child =
                run("echo 'Caused by: no disk'; printf '\\tat a.B.c(B.java:1)\\n\\t... 9 more\\n'; exit 1");

        assertThatThrownBy(() -> child.awaitReady(Duration.ofSeconds(10), () -> false))
                .hasMessageContaining("Caused by: no disk")
                .hasMessageNotContainingAny("a.B.c", "9 more");
    }

    @Test
    void saysHowLongItWaitedForAProgramThatNeverAnswers() {
        try (ChildProcess child = run("sleep 60")) {
            assertThatThrownBy(() -> child.awaitReady(Duration.ofSeconds(1), () -> {
                        throw new IllegalStateException("not yet");
                    }))
                    .isInstanceOfSatisfying(
                            LocalFailure.class, e -> assertThat(e.code()).isEqualTo(LocalFailure.Code.NOT_READY))
                    .hasMessageContainingAll("test program was not ready after 1 s", "not yet");
        }
    }

    @Test
    void namesAProgramThatDoesNotExist() {
        ChildProcess child = ChildSetup.of("ghost", List.of("/no/such/program"), folder.resolve("log"))
                .start();

        assertThatThrownBy(() -> child.awaitReady(Duration.ofSeconds(5), () -> false))
                .hasMessageContaining("/no/such/program");
    }

    @Test
    void leavesNothingBehindWhenTheJvmIsKilled() throws Exception {
        Path scratch = Files.createDirectory(folder.resolve("scratch"));
        Path pids = folder.resolve("pids");
        ChildProcess jvm = ChildSetup.of(
                        "jvm",
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                ParentMain.class.getName(),
                                scratch.toString(),
                                pids.toString()),
                        folder.resolve("jvm.log"))
                .start();
        jvm.awaitReady(Duration.ofSeconds(30), () -> Files.exists(pids));
        ProcessHandle orphan =
                ProcessHandle.of(Long.parseLong(Files.readString(pids))).orElseThrow();

        jvm.kill();

        await().until(() -> !orphan.isAlive() && !Files.exists(scratch));
    }

    private ChildProcess run(String script) {
        return ChildSetup.of("test program", List.of("/bin/sh", "-c", script), folder.resolve("log"))
                .start();
    }
}
