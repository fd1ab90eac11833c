package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.task.Purge;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.ProgressHandler;

class SqliteSweepTest {
    @TempDir
    Path folder;

    @Test
    void readsNoOldRowMoreOftenThatSeveralSweepsDeleteThem() throws Exception {
        long few = steps("few", 1_000);
        long many = steps("many", 20);

        assertThat(many).isLessThan(3 * few);
    }

    /** How many steps SQLite's machine takes, in hundreds, to sweep 4,000 rows, so many at once. */
    private long steps(String name, int take) throws Exception {
        try (SqliteSite site = new SqliteSite(folder, name)) {
            site.execute(
                    "CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL)",
                    "CREATE INDEX by_at ON events (at)",
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
                            + " INSERT INTO events SELECT i, i FROM n",
                    "ANALYZE");
            Purge purge = Site.of(new Purge.Rule(
                    Site.rule("events", "at").table(),
                    Site.rule("events", "at").column(),
                    Site.rule("events", "at").keep(),
                    Optional.of(Purge.TimeFormat.EPOCH_SECONDS),
                    List.of()));
            AtomicLong steps = new AtomicLong();
            Connection connection = site.database().connect();
            try (SqliteSession session = new SqliteSession(site.database(), connection, Clock.systemUTC())) {
                Branch branch = new Planner(session, Limits.of(site.config(), Site.ID))
                        .plan(purge, Site.AS_OF)
                        .branches()
                        .get(0);
                count(connection, steps);
                boolean isEnd = false;
                while (!isEnd) {
                    session.begin(branch, false);
                    isEnd = session.sweep(session.walks(branch).get(0), Optional.empty(), take)
                            .orElseThrow()
                            .chosen()
                            .end();
                    session.commit();
                }
            }
            assertThat(site.column("SELECT count(*) FROM events")).containsExactly("0");
            return steps.get();
        }
    }

    private static void count(Connection connection, AtomicLong steps) throws Exception {
        ProgressHandler.setHandler(connection, 100, new ProgressHandler() {
            @Override
            protected int progress() {
                steps.incrementAndGet();
                return 0;
            }
        });
    }
}
