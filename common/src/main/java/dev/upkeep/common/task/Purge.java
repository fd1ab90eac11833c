package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Deletes rows past their retention with all that depends on them, leaves first, in small batches. A row exactly as old as
 * {@code keep} stays; a row whose time is null or infinite stays.
 *
 * @param rules in order; at least one
 * @param archive write each batch there before it is deleted; no archive if absent
 * @param backupWithin demand a verified backup no older than this; the executor's own demand applies as well
 * @param pace how to treat the application; gentle if absent
 * @param skipAnalyze leave out the ANALYZE that follows
 * @param override lifts the executor's limits of size for this purge
 */
public record Purge(
        List<Rule> rules,
        Optional<Archive> archive,
        Optional<Duration> backupWithin,
        Optional<Pace> pace,
        boolean skipAnalyze,
        Optional<SizeOverride> override)
        implements Task {
    /**
     * One retention rule.
     *
     * @param table the root table; what refers to it follows
     * @param column a timestamp, date, number or text column that says how old a row is
     * @param keep rows older than this go; counted back from the command's {@code asOf}
     * @param format how the column's number or text is to be read; absent for columns of a time type
     * @param where and only rows that meet all of these
     */
    public record Rule(
            TableName table, ColumnName column, Duration keep, Optional<TimeFormat> format, List<Condition> where) {
        public Rule {
            Check.present("table", table);
            Check.present("column", column);
            Check.positive("keep", keep);
            where = Check.list("where", where);
        }
    }

    /** How a number or a text says a time. */
    public enum TimeFormat {
        EPOCH_SECONDS,
        EPOCH_MILLIS,
        /** ISO 8601 text in UTC, {@code 2026-11-21T02:00:00Z}, {@code 2026-11-21 02:00:00} or {@code 2026-11-21}. */
        ISO_TEXT
    }

    /** How archived rows are written. */
    public enum Archive {
        /** The rows of all tables in one file, each with the name of its table. */
        JSON_LINES,
        /** A file for each table, whose first record names the columns. */
        CSV
    }

    /** How the load on the application is weighed against the time that the purge takes. */
    public enum Pace {
        /** Pauses as long as each batch took, or longer. */
        GENTLE,
        /** No pauses but those that the governor orders. */
        FAST
    }

    public Purge {
        rules = Check.notEmpty("rules", rules);
        Check.between("rules", rules.size(), 1, 50);
        backupWithin.ifPresent(age -> Check.positive("backupWithin", age));
    }

    @Override
    public List<TableName> namedTables() {
        return rules.stream().map(Rule::table).toList();
    }

    @Override
    public Optional<Duration> shortestKeep() {
        return rules.stream().map(Rule::keep).min(Comparator.naturalOrder());
    }

    @Override
    public Effect effect() {
        return Effect.DESTRUCTIVE;
    }

    @Override
    public boolean isHeavy() {
        return true;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /**
     * What was deleted, or with a dry run what would be.
     *
     * @param planHash SHA-256 over rules, tables, links and their order, not over the cutoffs, so that a later command can be
     *     bound to the plan of a dry run
     * @param estimate how long it will take; dry runs only
     * @param missingIndexes children without an index on what they refer by, each as {@code table(columns)}
     * @param receipt names the receipt by which archived rows can be brought back
     */
    public record Report(
            String planHash,
            List<Table> tables,
            List<String> warnings,
            List<String> missingIndexes,
            boolean complete,
            long batches,
            Optional<Duration> estimate,
            Optional<String> receipt) {}

    /**
     * One table's part, root tables with their cutoff; for a dry run {@code rows} and {@code bytes} are what would go.
     *
     * @param bytes of the rows, estimated from the table's average
     * @param oldest the oldest of the rows that go
     * @param newest the newest of the rows that go
     * @param oldestLeft the oldest row that stays, after a purge
     */
    public record Table(
            TableName table,
            long rows,
            long bytes,
            long archived,
            Optional<Instant> cutoff,
            Optional<Instant> oldest,
            Optional<Instant> newest,
            Optional<Instant> oldestLeft) {}
}
