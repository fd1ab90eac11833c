package dev.upkeep.executor.operation.purge;

import java.nio.file.Path;

class SqliteCarryOverTest extends CarryOverContract {
    @Override
    Site open(Path folder) throws Exception {
        return new SqliteSite(folder);
    }
}
