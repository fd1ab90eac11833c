package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import java.sql.SQLException;
import java.util.Optional;

/** Whether the application is at something that a purge must not come between. */
final class PostgresDemands {
    private final PostgresSession session;

    PostgresDemands(PostgresSession session) {
        this.session = session;
    }

    void refuseWhileBusy(Limits.Demands demands) throws SQLException {
        for (String glob : demands.applications()) {
            Optional<String> active = session.text(
                    "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
                            + " AND pid <> pg_backend_pid() AND application_name ~ CAST(? AS text) LIMIT 1",
                    regex(glob));
            active.ifPresent(name -> {
                throw new Refused(
                        Code.SESSION_ACTIVE,
                        "active-applications: " + glob + " (a session of " + name + " is open; purge when it is gone)");
            });
        }
        for (Limits.Busy busy : demands.busy()) {
            Table table = session.table(busy.table());
            String column = PostgresSession.quoted(table, busy.column().column());
            Optional<String> found = session.text(
                    "SELECT '1' FROM " + table.sql() + " WHERE " + column + "::text = ANY(CAST(? AS text[])) LIMIT 1",
                    PostgresArray.of(busy.values()));
            found.ifPresent(row -> {
                throw new Refused(
                        Code.SESSION_ACTIVE,
                        "active-while." + busy.name() + ": " + busy.values() + " (a row of " + table.name()
                                + " has it in " + busy.column() + "; purge when it is over)");
            });
        }
    }

    private static String regex(String glob) {
        return "^"
                + glob.replaceAll("[^A-Za-z0-9*? ]", "\\\\$0")
                        .replace("*", ".*")
                        .replace("?", ".") + "$";
    }
}
