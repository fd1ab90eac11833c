package dev.upkeep.reporter.history;

import java.sql.Driver;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What differs between the two engines that can hold the history; all else is SQL that both understand. */
@SuppressWarnings("ImmutableEnumChecker") // the maps are unmodifiable
public enum Dialect {
    SQLITE(
            "jdbc:sqlite:",
            org.sqlite.JDBC.class,
            Map.of(
                    "identity",
                    "INTEGER PRIMARY KEY",
                    "clustered",
                    "WITHOUT ROWID",
                    "results_as_bytes",
                    "SELECT 1",
                    "bytes",
                    "BLOB"),
            // NORMAL is safe here: places in topics are written with the rows, so what a power cut takes is read again
            Map.of(
                    "journal_mode", "WAL",
                    "synchronous", "NORMAL",
                    "busy_timeout", "10000",
                    "cache_size", "-32000",
                    "temp_store", "MEMORY"),
            // 64 MiB of log between checkpoints: pages that every batch changes are written to the file once for many
            // batches
            "PRAGMA wal_autocheckpoint = 16000"),
    POSTGRESQL(
            "jdbc:postgresql:",
            org.postgresql.Driver.class,
            Map.of(
                    "identity", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                    "clustered", "",
                    "bytes", "BYTEA",
                    "results_as_bytes", "ALTER TABLE result ALTER COLUMN doc TYPE BYTEA USING convert_to(doc, 'UTF8')"),
            Map.of("ApplicationName", "upkeep-reporter", "tcpKeepAlive", "true", "socketTimeout", "60"),
            "");

    private final String prefix;
    private final Class<? extends Driver> driver;
    private final Map<String, String> placeholders;
    private final Map<String, String> properties;
    private final String firstStatement;

    Dialect(
            String prefix,
            Class<? extends Driver> driver,
            Map<String, String> placeholders,
            Map<String, String> properties,
            String firstStatement) {
        this.prefix = prefix;
        this.driver = driver;
        this.placeholders = placeholders;
        this.properties = properties;
        this.firstStatement = firstStatement;
    }

    static Dialect of(String url) {
        List<String> prefixes = Arrays.stream(values()).map(d -> d.prefix).toList();
        return Arrays.stream(values())
                .filter(dialect -> url.startsWith(dialect.prefix))
                .findFirst()
                .orElseThrow(() -> new HistoryFailure(
                        HistoryFailure.Code.CONFIGURATION,
                        "upkeep.history.url: " + url.replaceAll("[?].*", "") + " (must start with "
                                + String.join(" or ", prefixes) + ")"));
    }

    Class<? extends Driver> driver() {
        return driver;
    }

    Map<String, String> placeholders() {
        return placeholders;
    }

    Map<String, String> properties() {
        return properties;
    }

    /** What every connection runs when it is made; nothing if empty. */
    String firstStatement() {
        return firstStatement;
    }
}
