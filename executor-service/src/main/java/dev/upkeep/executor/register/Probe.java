package dev.upkeep.executor.register;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.Databases;
import dev.upkeep.executor.database.PostgresDatabase;
import dev.upkeep.executor.database.SqlMessage;
import dev.upkeep.executor.database.SqliteDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Looks at each database now and then, on a thread of its own, so that a database that does not answer delays no heartbeat.
 * Thread-safe.
 */
public final class Probe implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Probe.class);

    private final Databases databases;
    private final Duration every;
    private final Runnable discover;
    private final Runnable onChange;
    private final Map<DatabaseId, DatabaseState> states = new ConcurrentHashMap<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = new Thread(this::probe, "probe");

    /**
     * @param discover renews the set of databases before each round
     * @param onChange called after a round that showed something new
     */
    public Probe(Databases databases, Duration every, Runnable discover, Runnable onChange) {
        this.databases = databases;
        this.every = every;
        this.discover = discover;
        this.onChange = onChange;
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    DatabaseState of(DatabaseId id) {
        return states.getOrDefault(id, DatabaseState.UNKNOWN);
    }

    private void probe() {
        try {
            do {
                roundOrSay();
            } while (!stopping.await(every.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A defect in one round must not end the rounds that follow. */
    private void roundOrSay() {
        try {
            discover.run();
            round();
        } catch (RuntimeException e) {
            LOG.error("the databases could not be looked at; it is tried again in a while", e);
        }
    }

    private void round() {
        boolean isChanged = false;
        for (Database database : databases.all()) {
            DatabaseState before = of(database.id());
            DatabaseState now = look(database, before);
            states.put(database.id(), now);
            isChanged |= !now.equals(before);
            if (now.problem().isPresent() && !now.problem().equals(before.problem())) {
                LOG.warnf(
                        "database %s does not answer: %s",
                        database, now.problem().get());
            } else if (now.problem().isEmpty() && before.problem().isPresent()) {
                LOG.infof("database %s answers again", database);
            }
        }
        if (isChanged) {
            onChange.run();
        }
    }

    private static DatabaseState look(Database database, DatabaseState before) {
        try {
            return seen(database);
        } catch (SQLException e) {
            return before.with(SqlMessage.of(e));
        } catch (RuntimeException e) {
            return before.with(String.valueOf(e.getMessage()));
        }
    }

    private static DatabaseState seen(Database database) throws SQLException {
        if (database instanceof PostgresDatabase postgres) {
            try (Connection connection = postgres.connect("probe")) {
                return new DatabaseState(
                        Optional.of(text(connection, "SHOW server_version").split(" ", -1)[0]),
                        systemIdentifier(connection),
                        Optional.empty());
            }
        }
        try (Connection connection = ((SqliteDatabase) database).connectReadOnly()) {
            text(connection, "SELECT count(*) FROM sqlite_schema");
            return new DatabaseState(
                    Optional.of(text(connection, "SELECT sqlite_version()")), Optional.empty(), Optional.empty());
        }
    }

    /** Everybody may ask for it, unless somebody took that right away. */
    private static Optional<String> systemIdentifier(Connection connection) throws SQLException {
        boolean isAllowed = text(connection, "SELECT has_function_privilege('pg_control_system()', 'execute')")
                .equals("t");
        return isAllowed
                ? Optional.of(text(connection, "SELECT system_identifier::text FROM pg_control_system()"))
                : Optional.empty();
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        }
    }

    @Override
    public void close() {
        stopping.countDown();
    }
}
