package dev.upkeep.executor.operation.purge;

import java.nio.file.Path;

class PostgresPurgeCrashTest extends PurgeCrashContract {
    @Override
    Site open(Path folder) throws Exception {
        return new PostgresSite(folder);
    }

    @Override
    String[] arguments() {
        return ((PostgresSite) site).arguments();
    }
}
