package dev.upkeep.local.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.local.server.LocalPostgres;
import dev.upkeep.local.server.PostgresAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TelemetrySampleTest {
    private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");

    @TempDir
    Path folder;

    @Test
    void fillsBothTablesOnceWithRowsOfBothSidesOfTheirRetention() throws Exception {
        // a server of its own: the sample's database and role have fixed names
        try (LocalPostgres server = LocalPostgres.in(folder).asDisposable().start()) {
            boolean first = TelemetrySample.create(server.address(), NOW);
            boolean second = TelemetrySample.create(server.address(), NOW);

            assertThat(first).isTrue();
            assertThat(second).isFalse();
            PostgresAddress address = server.address();
            assertThat(number(address, "SELECT count(*) FROM events_seen")).isEqualTo(120_000);
            assertThat(number(
                            address,
                            "SELECT count(*) FROM events_seen WHERE created_at < timestamptz '2026-11-14T02:00:00Z'"))
                    .isBetween(49_000L, 51_000L);
            assertThat(number(address, "SELECT count(*) FROM agg_1m")).isEqualTo(216_000);
            assertThat(number(address, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'agg_1m'::regclass"))
                    .isEqualTo(7);
            assertThat(
                            number(
                                    address,
                                    "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'telemetry_owner'"))
                    .isZero();
        }
    }

    private static long number(PostgresAddress server, String query) throws SQLException {
        try (Connection db = server.connect(TelemetrySample.DATABASE);
                Statement statement = db.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
