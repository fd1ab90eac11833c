package dev.upkeep.executor.operation.health;

import java.util.List;

/** The checks of SQLite files, with their built-in limits. */
final class SqliteChecks {
    static final List<CheckRule> ALL = List.of();

    private SqliteChecks() {}
}
