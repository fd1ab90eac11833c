package dev.upkeep.local.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a program is run beside this JVM. Immutable.
 *
 * @param name what a person calls the program
 * @param command the program and its arguments
 * @param log the file that its output is appended to
 * @param stopSignal the signal, without SIG, that ends it in good order
 * @param grace how long it may take to end before it is killed, in whole seconds
 * @param scratch a folder that is deleted when the program has ended
 */
public record ChildSetup(
        String name, List<String> command, Path log, String stopSignal, Duration grace, Optional<Path> scratch) {

    public ChildSetup {
        command = List.copyOf(command);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command: [] (must name a program)");
        }
    }

    /** A program that ends in good order on SIGTERM. */
    public static ChildSetup of(String name, List<String> command, Path log) {
        return new ChildSetup(name, command, log, "TERM", Duration.ofSeconds(20), Optional.empty());
    }

    public ChildSetup stopSignal(String signal) {
        return new ChildSetup(name, command, log, signal, grace, scratch);
    }

    public ChildSetup scratch(Optional<Path> folder) {
        return new ChildSetup(name, command, log, stopSignal, grace, folder);
    }

    public ChildProcess start() {
        return ChildProcess.start(this);
    }

    List<String> keeperCommand(String script) {
        List<String> words = new ArrayList<>();
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            words.add("/usr/bin/setsid");
        }
        words.addAll(List.of("/bin/sh", "-c", script, "upkeep-keeper", stopSignal));
        words.add(Long.toString(grace.toSeconds()));
        words.add(scratch.map(Path::toString).orElse(""));
        words.addAll(command);
        return words;
    }
}
