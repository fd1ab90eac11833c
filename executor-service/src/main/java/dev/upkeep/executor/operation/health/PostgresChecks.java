package dev.upkeep.executor.operation.health;

import java.util.List;

/** The checks of PostgreSQL databases, with their built-in limits. */
final class PostgresChecks {
    static final List<CheckRule> ALL = List.of();

    private PostgresChecks() {}
}
