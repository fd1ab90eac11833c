package dev.upkeep.executor.operation.health;

import dev.upkeep.executor.operation.postgres.PostgresSession;
import java.sql.SQLException;

/** One part of the health check of a PostgreSQL database: a query or two and what they mean. */
interface PostgresExam {
    /** What it looks at, for people. */
    String subject();

    /** Looks, judges, and holds no snapshot afterwards. */
    void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException;
}
