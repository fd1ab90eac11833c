package dev.upkeep.executor.operation.purge;

import java.nio.file.Path;

class PostgresAuditTest extends AuditContract {
    @Override
    Site open(Path folder) throws Exception {
        return new PostgresSite(folder);
    }
}
