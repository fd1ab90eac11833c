package dev.upkeep.reporter.intake;

import dev.upkeep.reporter.history.History;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

class SqliteRecorderTest extends RecorderContract {
    @TempDir
    Path folder;

    @Override
    History open() {
        return History.open("jdbc:sqlite:" + folder.resolve("history.db"), Optional.empty(), Optional.empty());
    }
}
