package dev.upkeep.executor.operation.purge;

import java.nio.file.Path;

class PostgresPurgeCrashTest extends PurgeCrashContract {
    @Override
    Site open(Path folder) throws Exception {
        return new PostgresSite(folder);
    }

    @Override
    String[] arguments() {
        PostgresSite postgres = (PostgresSite) site;
        return new String[] {
            site.directory.toString(),
            postgres.server().host(),
            Integer.toString(postgres.server().port()),
            postgres.name(),
            postgres.server().user(),
            postgres.server().password()
        };
    }
}
