package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.Backup.Method;
import java.sql.SQLException;

/** What pg_dump writes of one database, in whatever form. */
interface LogicalSource extends Source {
    PostgresOrigin origin();

    @Override
    default Method method() {
        return Method.LOGICAL;
    }

    @Override
    default long sourceBytes() {
        return origin().server().databaseBytes();
    }

    @Override
    default long expectedBytes() {
        return origin().server().tableBytes();
    }

    @Override
    default Manifest.Versions versions() {
        return origin().versions("pg_dump");
    }

    @Override
    default void prepare() throws SQLException {
        Partials.dropDatabases(origin().database());
    }
}
