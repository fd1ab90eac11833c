package dev.upkeep.executor.operation.purge;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of purges have in common that run on a database of either engine. */
abstract class OnSite {
    /** Past a retention of 90 days at {@link Site#AS_OF}. */
    static final String OLD = "2026-01-01T00:00:00Z";

    static final String NEW = "2026-11-01T00:00:00Z";

    @TempDir
    Path folder;

    Site site;

    abstract Site open(Path folder) throws Exception;

    @BeforeEach
    void open() throws Exception {
        site = open(folder);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }
}
