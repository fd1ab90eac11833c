package dev.upkeep.executor.operation.purge;

class SqliteRandomPurgeTest extends RandomPurgeContract {
    @Override
    Site site(long seed) throws Exception {
        return new SqliteSite(folder, "case" + seed + ".db");
    }

    @Override
    String prefix(long seed) {
        return "";
    }
}
