package dev.upkeep.executor.operation.health;

import static dev.upkeep.executor.operation.health.PostgresChecks.*;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Severity;
import dev.upkeep.executor.operation.postgres.PostgresSession;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** The server and the database as a whole: settings, counters since the last check, transaction ids, size. */
final class PostgresServerExam implements PostgresExam {
    private static final double WRAPAROUND = 2_147_483_648.0;
    private static final double LEAST_CACHE_HIT = 0.98;
    private static final double LEAST_PAGE_READS = 100_000;
    private static final String SQL = """
            SELECT current_setting('server_version') AS version,
              extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) AS up,
              current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
              current_setting('data_checksums') AS data_checksums,
              pg_database_size(d.oid) AS bytes,
              pg_stat_get_db_xact_commit(d.oid) AS xact_commit, pg_stat_get_db_xact_rollback(d.oid) AS xact_rollback,
              pg_stat_get_db_blocks_hit(d.oid) AS blks_hit,
              pg_stat_get_db_blocks_fetched(d.oid) - pg_stat_get_db_blocks_hit(d.oid) AS blks_read,
              pg_stat_get_db_deadlocks(d.oid) AS deadlocks,
              (SELECT sum(pg_stat_get_db_checksum_failures(a.oid))
                 FROM (SELECT oid FROM pg_database UNION ALL SELECT 0) a) AS checksum_failures,
              x.datname AS xid_database, x.xid_age, m.datname AS multixact_database, m.multixact_age,
              p.pending, p.pending_count
            FROM pg_database d,
              (SELECT datname, age(datfrozenxid) AS xid_age FROM pg_database ORDER BY 2 DESC LIMIT 1) x,
              (SELECT datname, mxid_age(datminmxid) AS multixact_age FROM pg_database ORDER BY 2 DESC LIMIT 1) m,
              (SELECT string_agg(name, ', ' ORDER BY name) AS pending, count(*) AS pending_count
                 FROM pg_settings WHERE pending_restart AND source <> 'command line') p
            WHERE d.datname = current_database()
            """;

    private final HealthMemory memory;

    PostgresServerExam(HealthMemory memory) {
        this.memory = memory;
    }

    @Override
    public String subject() {
        return "the server";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        session.each(SQL, row -> {
            settings(server, row, examination);
            transactionIds(row, examination);
            counters(server, row, examination);
        });
        session.release();
    }

    private static void settings(PostgresServer server, ResultSet row, Examination examination) throws SQLException {
        examination.fact("version", row.getString("version"));
        examination.fact("role", server.standby() ? "standby" : "primary");
        examination.fact("up", Unit.SECONDS.say(row.getDouble("up")));
        examination.fact("checksums", row.getString("data_checksums"));
        examination.looked(DURABILITY);
        for (String setting : new String[] {"fsync", "full_page_writes"}) {
            if (row.getString(setting).equals("off")) {
                examination.report(
                        DURABILITY,
                        Severity.CRITICAL,
                        setting,
                        "off",
                        "on",
                        "A crash can corrupt the whole cluster. Set " + setting + " = on and reload the server.");
            }
        }
        int pending = row.getInt("pending_count");
        String names = Optional.ofNullable(row.getString("pending")).orElse("");
        examination.judge(
                PENDING_RESTART, "", pending, () -> "Plan a restart: " + names + " take effect only after it.");
        double failures = row.getDouble("checksum_failures");
        examination.judge(
                CHECKSUM_FAILURES,
                "",
                failures,
                () -> "Pages on disk are damaged. Check the disk and the kernel log, find the pages with task"
                        + " integrity-check or pg_amcheck, and restore them from the last verified backup."
                        + " After mending: SELECT pg_stat_reset() in the databases that pg_stat_database names.");
    }

    private static void transactionIds(ResultSet row, Examination examination) throws SQLException {
        double xid = row.getDouble("xid_age") / WRAPAROUND;
        String xidDatabase = row.getString("xid_database");
        examination.measure(Measurement.gauge("xid_age", "ratio", xid));
        examination.judge(
                XID_AGE,
                xidDatabase,
                xid,
                () -> "Close old transactions, prepared transactions and unused slots, then run task vacuum with mode"
                        + " freeze on database " + xidDatabase + "; at 100 % it stops taking writes.");
        double multixact = row.getDouble("multixact_age") / WRAPAROUND;
        String multixactDatabase = row.getString("multixact_database");
        examination.measure(Measurement.gauge("multixact_age", "ratio", multixact));
        examination.judge(
                MULTIXACT_AGE,
                multixactDatabase,
                multixact,
                () -> "Run task vacuum with mode freeze on database " + multixactDatabase + ".");
    }

    private void counters(PostgresServer server, ResultSet row, Examination examination) throws SQLException {
        double bytes = row.getDouble("bytes");
        examination.measure(Measurement.gauge("database_size", "bytes", bytes));
        HealthMemory.Sample plain = new HealthMemory.Sample(
                server.now(),
                Map.of(
                        Growth.BYTES,
                        bytes,
                        "commits",
                        row.getDouble("xact_commit"),
                        "rollbacks",
                        row.getDouble("xact_rollback"),
                        "hits",
                        row.getDouble("blks_hit"),
                        "reads",
                        row.getDouble("blks_read"),
                        "deadlocks",
                        row.getDouble("deadlocks")));
        examination.looked(DEADLOCKS);
        examination.looked(ROLLBACKS);
        examination.looked(CACHE_HIT);
        examination.looked(DATABASE_GROWTH);
        Optional<HealthMemory.Sample> before = memory.last(server.database());
        memory.remember(server.database(), new HealthMemory.Sample(plain.at(), Growth.figures(before, plain)));
        before.ifPresent(earlier -> compare(earlier, plain, server, examination));
    }

    private static void compare(
            HealthMemory.Sample earlier, HealthMemory.Sample now, PostgresServer server, Examination examination) {
        now.since(earlier, "deadlocks").ifPresent(count -> {
            examination.measure(Measurement.count("deadlocks", "count", count, Map.of()));
            examination.judge(
                    DEADLOCKS,
                    "",
                    count,
                    () -> "Look for \"deadlock detected\" in the server's log: it shows both statements; make the"
                            + " application take its locks in one order.");
        });
        double commits = now.since(earlier, "commits").orElse(0.0);
        now.since(earlier, "rollbacks").ifPresent(rollbacks -> {
            if (commits + rollbacks > 0) {
                examination.judge(
                        ROLLBACKS,
                        ROLLBACKS_COUNT,
                        "",
                        rollbacks / (commits + rollbacks),
                        rollbacks,
                        () -> "Look in the application's and the server's log for the errors that roll back.");
            }
        });
        double hits = now.since(earlier, "hits").orElse(0.0);
        double reads = now.since(earlier, "reads").orElse(0.0);
        if (hits + reads >= LEAST_PAGE_READS) {
            double share = hits / (hits + reads);
            examination.measure(Measurement.gauge("cache_hit", "ratio", share));
            examination.judge(CACHE_HIT, "", share, () -> "Consider a larger shared_buffers.");
            if (share < LEAST_CACHE_HIT) {
                examination.inform(
                        CACHE_HIT,
                        "",
                        Unit.RATIO.say(share),
                        "If queries are slow, look for missing indexes, or consider a larger shared_buffers.");
            }
        }
        Growth.pace(earlier, now)
                .ifPresent(pace -> examination.judge(
                        DATABASE_GROWTH,
                        DATABASE_GROWTH_SIZE,
                        "",
                        pace.multiple(),
                        pace.bytes(),
                        () -> "Find out what writes to database " + server.database()
                                + ": task assess shows the tables by size."));
    }
}
