package dev.upkeep.executor.operation.backup.program;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The folders in which programs are looked for: those of the environment variable PATH. */
final class SearchPath {
    private SearchPath() {}

    static List<Path> folders() {
        return Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
                .filter(folder -> folder.startsWith("/"))
                .map(Path::of)
                .toList();
    }

    static Optional<Path> find(String name) {
        return folders().stream()
                .map(folder -> folder.resolve(name))
                .filter(Program::isExecutable)
                .findFirst();
    }
}
