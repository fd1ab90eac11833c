package dev.upkeep.local.sample;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * A script of SQL statements, each ended by a semicolon at the end of a line, in which {@code ${now}} is the instant that
 * all ages are counted from, in epoch seconds. The same instant gives the same rows.
 */
record SampleScript(List<String> statements) {
    static SampleScript load(String name, Instant now) {
        try (InputStream resource = SampleScript.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("resource " + name + " is missing");
            }
            String text = new String(resource.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("${now}", Long.toString(now.getEpochSecond()));
            return new SampleScript(Stream.of(text.split(";[ ]*\\n", -1))
                    .filter(statement -> !statement.isBlank())
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void run(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
