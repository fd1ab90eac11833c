package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.task.Purge;
import dev.upkeep.common.task.RestorePurged;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.local.server.PostgresAddress;
import dev.upkeep.local.server.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

final class PostgresSite extends Site {
    private final PostgresAddress server = TestServers.postgres();
    private final String name = TestServers.newDatabase("purge");
    private final Connection connection;
    private boolean isShared;

    PostgresSite(Path folder) throws SQLException {
        super(folder.resolve("archives"));
        this.connection = server.connect(name);
    }

    String name() {
        return name;
    }

    PostgresAddress server() {
        return server;
    }

    /** What {@link PurgeMain} needs to find it. */
    String[] arguments() {
        return new String[] {
            directory.toString(), server.host(), Integer.toString(server.port()), name, server.user(), server.password()
        };
    }

    PostgresDatabase database() {
        return new PostgresDatabase(
                ID,
                Map.of(),
                new dev.upkeep.executor.database.PostgresAddress(server.host(), server.port(), name),
                server.user(),
                () -> Optional.of(server.password()),
                Map.of());
    }

    @Override
    Connection application() {
        return connection;
    }

    @Override
    Done perform(Order<Purge> order, Attempt attempt) throws Exception {
        return new PostgresPurge(config(), id -> backup, archives).perform(order, database(), attempt);
    }

    @Override
    Done restore(Order<RestorePurged> order, Attempt attempt) throws Exception {
        return new PostgresRestorePurged(config(), archives).perform(order, database(), attempt);
    }

    @Override
    String translated(String sql) {
        return sql.replace("${time}", "timestamptz")
                .replace("${big}", "bigint")
                .replace("${id}", "bigint PRIMARY KEY")
                .replace("${deferred}", "DEFERRABLE INITIALLY DEFERRED");
    }

    /** From now on closing it leaves the database and only forgets the settings. */
    PostgresSite shared() {
        isShared = true;
        return this;
    }

    @Override
    public void close() throws SQLException {
        if (isShared) {
            forgetSettings();
        } else {
            drop();
        }
    }

    void drop() throws SQLException {
        connection.close();
        server.execute("postgres", "DROP DATABASE \"" + name + "\" WITH (FORCE)");
    }
}
