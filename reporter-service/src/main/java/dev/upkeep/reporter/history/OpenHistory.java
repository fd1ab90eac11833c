package dev.upkeep.reporter.history;

import dev.upkeep.common.trust.Trust;
import dev.upkeep.reporter.history.HistoryFailure.Code;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the history when the service starts and closes it when it stops. */
@ApplicationScoped
class OpenHistory {
    @Produces
    @Singleton
    History open(HistoryConfig config) {
        return History.open(config.url(), config.user(), config.passwordFile().map(OpenHistory::password));
    }

    void close(@Disposes History history) {
        history.close();
    }

    private static Optional<String> firstLine(Path file) throws IOException {
        return Files.readAllLines(file).stream().findFirst();
    }

    private static String password(Path file) {
        Trust.demandSecret("upkeep.history.password-file", file);
        try {
            return firstLine(file)
                    .orElseThrow(() -> new HistoryFailure(
                            Code.CONFIGURATION, "upkeep.history.password-file: " + file + " is empty"));
        } catch (IOException e) {
            throw new HistoryFailure(
                    Code.CONFIGURATION, "upkeep.history.password-file: " + file + " cannot be read: " + e, e);
        }
    }
}
