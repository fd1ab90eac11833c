package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Standbys, replication slots, prepared transactions, archiving and pg_wal. A standby of an idle primary stays a few bytes behind, the rest of
 * a page; its lag counts in seconds only when more than a page is not replayed.
 */
final class PostgresReplicationExam implements PostgresExam {
    private static final String SQL = """
            WITH here AS (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                                      ELSE pg_current_wal_lsn() END AS lsn)
            SELECT 'standby' AS kind, coalesce(nullif(application_name, ''), client_addr::text, pid::text) AS name,
              coalesce(extract(epoch FROM replay_lag), 0)::float8 AS seconds,
              coalesce(pg_wal_lsn_diff(lsn, replay_lsn), 0)::float8 AS bytes, state AS detail
            FROM pg_stat_replication, here WHERE state <> 'backup'
            UNION ALL
            SELECT CASE WHEN active THEN 'slot' ELSE 'inactive' END, slot_name,
              %s, coalesce(pg_wal_lsn_diff(lsn, restart_lsn), 0)::float8, coalesce(wal_status, 'lost')
            FROM pg_replication_slots, here WHERE NOT temporary
            UNION ALL
            SELECT 'prepared', gid, extract(epoch FROM clock_timestamp() - prepared)::float8, 0, owner
            FROM pg_prepared_xacts WHERE database = current_database()
            UNION ALL
            SELECT 'behind', '', CASE WHEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                  > current_setting('wal_block_size')::int
                THEN coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0) ELSE 0 END::float8,
              coalesce(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0)::float8, ''
            WHERE pg_is_in_recovery()
            UNION ALL
            SELECT 'archiver', coalesce(last_failed_wal, ''),
              extract(epoch FROM clock_timestamp() - last_failed_time)::float8, failed_count::float8, ''
            FROM pg_stat_archiver
            WHERE current_setting('archive_mode') <> 'off' AND last_failed_time > coalesce(last_archived_time, '-infinity')
            """;
    private static final String INACTIVE_SINCE = "extract(epoch FROM clock_timestamp() - inactive_since)::float8";
    private static final String WAL = """
            SELECT w.bytes, pg_size_bytes(current_setting('max_wal_size'))::float8 AS most, a.ready,
              current_setting('archive_mode') <> 'off' AS archiving
            FROM (SELECT coalesce(sum(size), 0)::float8 AS bytes FROM pg_ls_waldir()) w,
              (SELECT count(*) FILTER (WHERE name LIKE '%.ready') AS ready FROM pg_ls_archive_statusdir()) a
            """;

    private final HealthMemory memory;

    PostgresReplicationExam(HealthMemory memory) {
        this.memory = memory;
    }

    private record Line(String kind, String name, double seconds, double bytes, String detail) {}

    @Override
    public String subject() {
        return "replication, archiving and WAL";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        List.of(REPLICATION_LAG, REPLICATION_LAG_SIZE, INACTIVE_SLOT, SLOT_WAL, PREPARED_TRANSACTIONS, ARCHIVER)
                .forEach(examination::looked);
        String sql = SQL.formatted(server.isAtLeast(17) ? INACTIVE_SINCE : "-1::float8");
        List<Line> lines = session.rows(sql, PostgresReplicationExam::read);
        Map<String, Duration> inactive = inactive(server, lines);
        for (Line line : lines) {
            switch (line.kind()) {
                case "standby" -> lag(line, line.name(), examination);
                case "behind" -> lag(line, "this standby", examination);
                case "slot" -> slotWal(line, examination);
                case "inactive" -> {
                    slotWal(line, examination);
                    double seen =
                            inactive.getOrDefault(line.name(), Duration.ZERO).toMillis() / 1000.0;
                    inactiveSlot(line, line.seconds() < 0 ? seen : line.seconds(), examination);
                }
                case "prepared" -> prepared(line, examination);
                default -> archiver(line, examination);
            }
        }
        if (server.readsWal()) {
            session.each(WAL, row -> wal(row, examination));
        } else {
            examination.inform(
                    NOT_LOOKED,
                    "pg_wal",
                    "no right",
                    "Grant the role pg_monitor to Upkeep's role, so that it can watch pg_wal and archiving.");
        }
        session.release();
    }

    private Map<String, Duration> inactive(PostgresServer server, List<Line> lines) {
        Set<String> names = new HashSet<>();
        lines.stream().filter(line -> line.kind().equals("inactive")).forEach(line -> names.add(line.name()));
        return memory.since(server.database(), "inactive slot", names, server.now());
    }

    private static void lag(Line line, String standby, Examination examination) {
        examination.measure(Measurement.gauge(
                "replication_lag", "seconds", Math.max(0, line.seconds()), Map.of("standby", standby)));
        examination.measure(
                Measurement.gauge("replication_lag", "bytes", Math.max(0, line.bytes()), Map.of("standby", standby)));
        String advice = "Look at the standby's load and network"
                + (line.detail().isEmpty() ? "" : " (it is " + line.detail() + ")")
                + ", and for a long query on it that holds back replay.";
        examination.judge(REPLICATION_LAG, standby, line.seconds(), () -> advice);
        examination.judge(REPLICATION_LAG_SIZE, standby, line.bytes(), () -> advice);
    }

    private static void slotWal(Line line, Examination examination) {
        examination.measure(
                Measurement.gauge("slot_wal", "bytes", Math.max(0, line.bytes()), Map.of("slot", line.name())));
        examination.judge(
                SLOT_WAL,
                line.name(),
                line.bytes(),
                () -> "Slot " + line.name() + " (" + line.detail() + ") makes pg_wal grow. Bring its reader back, set"
                        + " max_slot_wal_keep_size, or drop it: " + drop(line.name()));
    }

    private static void inactiveSlot(Line line, double seconds, Examination examination) {
        examination.judge(
                INACTIVE_SLOT,
                line.name(),
                seconds,
                () -> "Nobody reads slot " + line.name()
                        + ", and it keeps WAL and maybe dead rows. Start its reader, or"
                        + " drop it if it is gone for good: " + drop(line.name()));
    }

    private static String drop(String slot) {
        return "SELECT pg_drop_replication_slot('" + slot.replace("'", "''") + "').";
    }

    private static void prepared(Line line, Examination examination) {
        String gid = "'" + line.name().replace("'", "''") + "'";
        examination.judge(
                PREPARED_TRANSACTIONS,
                line.name(),
                line.seconds(),
                () -> "Ask the transaction manager of role " + line.detail() + " about it, then COMMIT PREPARED " + gid
                        + " or ROLLBACK PREPARED " + gid + "; until then it holds its locks and keeps dead rows.");
    }

    private static void archiver(Line line, Examination examination) {
        examination.judge(
                ARCHIVER,
                line.name(),
                line.seconds(),
                () ->
                        "archive_command fails since it last succeeded; WAL piles up and point-in-time recovery has a gap."
                                + " Read the server's log for its error and mend the command or its target.");
    }

    private static void wal(ResultSet row, Examination examination) throws SQLException {
        double bytes = row.getDouble("bytes");
        examination.measure(Measurement.gauge("wal_size", "bytes", bytes));
        examination.judge(
                WAL_SIZE,
                "",
                bytes / Math.max(1, row.getDouble("most")),
                () -> "pg_wal has " + Unit.BYTES.say(bytes)
                        + ". See which slot, failing archiver or wal_keep_size keeps it,"
                        + " or raise max_wal_size if writes are just that heavy.");
        int ready = row.getInt("ready");
        examination.looked(ARCHIVE_READY);
        if (row.getBoolean("archiving")) {
            examination.measure(Measurement.gauge("archive_ready", "files", ready));
            examination.judge(
                    ARCHIVE_READY,
                    "",
                    ready,
                    () -> "archive_command is failing or too slow; read the server's log, and mend or speed it up.");
        }
    }

    private static Line read(ResultSet row) throws SQLException {
        return new Line(
                row.getString("kind"),
                row.getString("name"),
                row.getDouble("seconds"),
                row.getDouble("bytes"),
                row.getString("detail"));
    }
}
