package dev.upkeep.executor.operation.purge;

import java.nio.file.Path;

class SqlitePurgeTest extends PurgeContract {
    @Override
    Site open(Path folder) throws Exception {
        return new SqliteSite(folder);
    }
}
