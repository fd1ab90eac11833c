package dev.upkeep.local.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A JVM with a child, made to be killed: {@code ParentMain <scratch folder> <file for the child's pid>}. */
final class ParentMain {
    private ParentMain() {}

    public static void main(String[] args) throws Exception {
        Path scratch = Path.of(args[0]);
        ChildProcess child = new ChildSetup(
                        "child",
                        List.of("sleep", "600"),
                        scratch.resolve("log"),
                        "TERM",
                        Duration.ofSeconds(5),
                        Optional.of(scratch))
                .start();
        Path partial = Path.of(args[1] + ".partial");
        Files.writeString(partial, Long.toString(child.pid()));
        Files.move(partial, Path.of(args[1]), StandardCopyOption.ATOMIC_MOVE);
        child.awaitEnd(Duration.ofMinutes(5));
    }
}
