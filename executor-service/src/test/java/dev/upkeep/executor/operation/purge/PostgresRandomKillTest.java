package dev.upkeep.executor.operation.purge;

import java.nio.file.Files;

class PostgresRandomKillTest extends RandomKillContract {
    @Override
    Site site(long seed) throws Exception {
        Site site = new PostgresSite(Files.createDirectories(folder.resolve("case" + seed)));
        site.execute("CREATE SCHEMA s");
        return site;
    }

    @Override
    String prefix(long seed) {
        return "s.";
    }

    @Override
    String[] arguments(Site site) {
        return ((PostgresSite) site).arguments();
    }
}
