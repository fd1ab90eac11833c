package dev.upkeep.executor.operation.purge;

import java.nio.file.Path;

class SqlitePurgeCrashTest extends PurgeCrashContract {
    @Override
    Site open(Path folder) throws Exception {
        return new SqliteSite(folder);
    }

    @Override
    String[] arguments() {
        return new String[] {
            site.directory.toString(), ((SqliteSite) site).file().toString()
        };
    }
}
