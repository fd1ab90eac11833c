package dev.upkeep.reporter.intake;

import dev.upkeep.local.server.PostgresAddress;
import dev.upkeep.local.server.TestServers;
import dev.upkeep.reporter.history.History;
import java.util.Optional;

class PostgresRecorderTest extends RecorderContract {
    @Override
    History open() {
        PostgresAddress postgres = TestServers.postgres();
        return History.open(
                postgres.jdbcUrl(TestServers.newDatabase("history")),
                Optional.of(postgres.user()),
                Optional.of(postgres.password()));
    }
}
