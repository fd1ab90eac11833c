package dev.upkeep.executor.operation.purge;

import java.nio.file.Files;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;

class PostgresRandomPurgeTest extends RandomPurgeContract {
    private static @Nullable PostgresSite shared;

    /** All cases share a database, each in a schema of its own that goes with the next. */
    @Override
    Site site(long seed) throws Exception {
        PostgresSite site = shared == null ? new PostgresSite(Files.createDirectories(folder.resolve("a"))) : shared;
        shared = site;
        if (seed > 1) {
            site.execute("DROP SCHEMA IF EXISTS s" + (seed - 1) + " CASCADE");
        }
        site.execute("CREATE SCHEMA s" + seed);
        return site.shared();
    }

    @Override
    String prefix(long seed) {
        return "s" + seed + ".";
    }

    @AfterAll
    static void drop() throws Exception {
        if (shared != null) {
            shared.drop();
            shared = null;
        }
    }
}
