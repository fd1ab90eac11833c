package dev.upkeep.executor.wiring;

import dev.upkeep.common.trust.Trust;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/** The files that say what this executor may do. One that other users can write gives them its power, so it is refused. */
final class ConfigFiles {
    private static final String LOCATIONS = "smallrye.config.locations";

    private ConfigFiles() {}

    /** @throws dev.upkeep.common.InvalidValue naming a file that cannot be believed */
    static void check(Config config) {
        Stream<Path> named = config.getOptionalValues(LOCATIONS, String.class).orElse(List.of()).stream()
                .flatMap(location -> path(location).stream());
        Stream<Path> found = Stream.of("application.properties", "application.yaml", "application.yml")
                .map(name -> Path.of("config", name));
        Stream.concat(named, found)
                .filter(Files::exists)
                .forEach(file -> Trust.demandUnwritableByOthers(LOCATIONS, file));
    }

    private static Optional<Path> path(String location) {
        if (location.startsWith("file:")) {
            return Optional.of(Path.of(URI.create(location)));
        }
        return location.contains(":") ? Optional.empty() : Optional.of(Path.of(location));
    }
}
