package dev.upkeep.executor.database;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import java.sql.SQLException;
import java.util.Map;

/** One database that this executor cares for. Immutable; connections are opened for each command and closed after it. */
public sealed interface Database permits PostgresDatabase, SqliteDatabase {
    DatabaseId id();

    Engine engine();

    Map<String, String> labels();

    /** The code of a driver's error, transient or permanent. */
    Code codeOf(SQLException error);
}
