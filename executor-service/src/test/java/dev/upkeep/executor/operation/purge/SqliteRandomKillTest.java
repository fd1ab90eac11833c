package dev.upkeep.executor.operation.purge;

class SqliteRandomKillTest extends RandomKillContract {
    @Override
    Site site(long seed) throws Exception {
        return new SqliteSite(folder, "case" + seed + ".db");
    }

    @Override
    String prefix(long seed) {
        return "";
    }

    @Override
    String[] arguments(Site site) {
        return new String[] {
            site.directory.toString(), ((SqliteSite) site).file().toString()
        };
    }
}
