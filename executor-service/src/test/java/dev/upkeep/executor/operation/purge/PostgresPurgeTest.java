package dev.upkeep.executor.operation.purge;

import java.nio.file.Path;

class PostgresPurgeTest extends PurgeContract {
    @Override
    Site open(Path folder) throws Exception {
        return new PostgresSite(folder);
    }
}
