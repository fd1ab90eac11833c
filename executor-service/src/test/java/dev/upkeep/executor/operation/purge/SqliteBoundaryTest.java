package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.Done;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SqliteBoundaryTest extends BoundaryContract {
    @Override
    Site open(Path folder) throws Exception {
        return new SqliteSite(folder);
    }

    @Test
    void looksAtEachValueByWhatItIs() throws Exception {
        site.execute(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, at)",
                "INSERT INTO events VALUES (1, 5), (2, 5.5), (3, '5'), (4, x'35'), (5, -9e999), (6, 9e999)");

        site.purge(Site.of(rule("events", "at", Optional.of(Purge.TimeFormat.EPOCH_SECONDS))));

        assertThat(site.column("SELECT id FROM events ORDER BY id")).isEqualTo(List.of("3", "4", "5", "6"));
    }

    @Test
    void refusesVirtualTablesAndThoseOfTheSystem() throws Exception {
        site.execute("CREATE VIRTUAL TABLE notes USING fts5(body)");

        Done virtual = site.purge(Site.of(Site.rule("notes", "body")));
        Done shadow = site.purge(Site.of(Site.rule("notes_data", "block")));
        Done system = site.purge(Site.of(Site.rule("sqlite_schema", "sql")));

        assertThat(virtual.reason().orElseThrow().code()).isEqualTo(Code.UNSUPPORTED);
        assertThat(shadow.reason().orElseThrow().code()).isEqualTo(Code.UNSUPPORTED);
        assertThat(system.reason().orElseThrow().code()).isEqualTo(Code.GUARDRAIL);
    }
}
