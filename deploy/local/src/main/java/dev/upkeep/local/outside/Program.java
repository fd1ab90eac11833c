package dev.upkeep.local.outside;

import dev.upkeep.local.server.LocalFailure;
import dev.upkeep.local.server.LocalFailure.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Programs of Debian's packages; the project's own script installs those that are absent. */
public final class Program {
    private Program() {}

    /** The path of a program, by any of its names. */
    static String of(Path home, String... names) {
        String problem = run(home.resolve("deploy/prometheus/install.sh").toString());
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(folder -> Stream.of(names).map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(
                        () -> new LocalFailure(Code.NO_PROGRAM, String.join(" or ", names) + " is missing; " + problem))
                .toString();
    }

    /** Runs a program to its end; returns what it said if it failed, else nothing. */
    public static String run(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : said + "exit " + process.exitValue();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalFailure(Code.INTERRUPTED, "interrupted while running " + command[0], e);
        }
    }
}
