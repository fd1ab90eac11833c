package dev.upkeep.executor.operation.purge;

import java.nio.file.Path;

class SqliteAuditTest extends AuditContract {
    @Override
    Site open(Path folder) throws Exception {
        return new SqliteSite(folder);
    }
}
