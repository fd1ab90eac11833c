package dev.upkeep.executor.operation.assess;

import dev.upkeep.common.task.Assess;
import dev.upkeep.common.task.TimeColumn;
import dev.upkeep.executor.operation.sqlite.SqliteSession;
import dev.upkeep.executor.operation.sqlite.SqliteTable;
import dev.upkeep.executor.operation.sqlite.SqliteTime;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** One column that says how old rows are, found in the schema. */
record AgeOf(TimeColumn asked, SqliteTable table, String column) {
    private static final double SECONDS_PER_DAY = 86_400;

    /** Oldest, newest and rows per day between them; each of the two ends is one look into an index if there is one. */
    Assess.Age read(SqliteSession session) throws SQLException {
        Optional<Instant> oldest = end(session, "ASC");
        Optional<Instant> newest = end(session, "DESC");
        double rowsPerDay = 0;
        if (oldest.isPresent() && newest.isPresent()) {
            double days = Duration.between(oldest.get(), newest.get()).toSeconds() / SECONDS_PER_DAY;
            long rows = session.number("SELECT count(*) FROM " + table.sql());
            rowsPerDay = rows / Math.max(days, 1);
        }
        return new Assess.Age(asked, oldest, newest, rowsPerDay);
    }

    private Optional<Instant> end(SqliteSession session, String direction) throws SQLException {
        String name = SqliteTable.quoted(column);
        return session.first(
                        "SELECT " + name + " FROM " + table.sql() + " WHERE " + name + " IS NOT NULL AND " + name
                                + " <> '' ORDER BY " + name + " " + direction + " LIMIT 1",
                        row -> SqliteTime.of(row.getObject(1)))
                .flatMap(time -> time);
    }
}
