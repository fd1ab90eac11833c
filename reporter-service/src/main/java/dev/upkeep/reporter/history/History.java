package dev.upkeep.reporter.history;

import dev.upkeep.reporter.history.HistoryFailure.Code;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * The database of what happened. Writing is by whole transactions; with SQLite one at a time, readers beside it.
 *
 * <p>Opening brings the schema up to date. Every failure is a {@link HistoryFailure}; a transaction that fails leaves nothing
 * behind. Thread-safe.
 */
public final class History implements AutoCloseable {
    private final Dialect dialect;
    private final AgroalDataSource writer;
    private final AgroalDataSource reader;
    // fair: a backlog that is being recorded must not keep alerts from being looked at
    private final ReentrantLock turn = new ReentrantLock(true);

    private History(Dialect dialect, AgroalDataSource writer, AgroalDataSource reader) {
        this.dialect = dialect;
        this.writer = writer;
        this.reader = reader;
    }

    /** Opens the history, creating or migrating it as needed. */
    public static History open(String url, Optional<String> user, Optional<String> password) {
        Dialect dialect = Dialect.of(url);
        AgroalDataSource writer = pool(dialect, url, user, password, dialect == Dialect.SQLITE ? 1 : 8);
        try {
            Flyway.configure()
                    .dataSource(writer)
                    .loggers("slf4j")
                    .resourceProvider(new Scripts())
                    .placeholders(dialect.placeholders())
                    .validateMigrationNaming(false)
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            writer.close();
            throw new HistoryFailure(
                    Code.UNAVAILABLE,
                    "the history at " + url.replaceAll("[?].*", "") + " cannot be opened: " + rootMessage(e)
                            + "; check upkeep.history.url, that the folder or server exists, and the rights on it",
                    e);
        }
        AgroalDataSource reader = dialect == Dialect.SQLITE ? pool(dialect, url, user, password, 4) : writer;
        return new History(dialect, writer, reader);
    }

    /** Which engine holds it. */
    public Dialect dialect() {
        return dialect;
    }

    /** Runs work in one transaction; it is undone as a whole if the work throws. */
    public <T> T write(Function<Session, T> work) {
        if (dialect != Dialect.SQLITE) {
            return transaction(work);
        }
        turn.lock();
        try {
            return transaction(work);
        } finally {
            turn.unlock();
        }
    }

    private <T> T transaction(Function<Session, T> work) {
        try (Connection connection = writer.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T value = work.apply(new Session(connection, dialect));
                connection.commit();
                return value;
            } catch (RuntimeException | SQLException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw HistoryFailure.of("write", e);
        }
    }

    /** Runs work that only reads. */
    public <T> T read(Function<Session, T> work) {
        try (Connection connection = reader.getConnection()) {
            return work.apply(new Session(connection, dialect));
        } catch (SQLException e) {
            throw HistoryFailure.of("read", e);
        }
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
    }

    private static AgroalDataSource pool(
            Dialect dialect, String url, Optional<String> user, Optional<String> password, int size) {
        AgroalDataSourceConfigurationSupplier configuration = new AgroalDataSourceConfigurationSupplier();
        configuration
                .metricsEnabled(false)
                .connectionPoolConfiguration()
                .maxSize(size)
                .acquisitionTimeout(Duration.ofSeconds(30))
                .connectionFactoryConfiguration()
                .jdbcUrl(url)
                .connectionProviderClass(dialect.driver());
        var factory = configuration.connectionPoolConfiguration().connectionFactoryConfiguration();
        dialect.properties().forEach(factory::jdbcProperty);
        factory.initialSql(dialect.firstStatement());
        user.ifPresent(name -> factory.principal(new NamePrincipal(name)));
        password.ifPresent(secret -> factory.credential(new SimplePassword(secret)));
        try {
            return AgroalDataSource.from(configuration);
        } catch (SQLException e) {
            throw new HistoryFailure(Code.UNAVAILABLE, "history: " + e.getMessage(), e);
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
