package dev.upkeep.bench.purge;

import dev.upkeep.bench.load.Foreground;
import dev.upkeep.bench.load.ResidentExecutor;
import dev.upkeep.common.task.Purge;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** One engine with its data: the same for each contender, made anew before each. */
interface Ground extends AutoCloseable {
    /** How long rows are kept. */
    Duration KEEP = Duration.ofDays(180);

    /** What is older is to go; one moment for the whole run. */
    @SuppressWarnings("TimeInStaticInitializer")
    Instant CUTOFF = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(KEEP);

    /** Engine and version. */
    String title() throws SQLException;

    /** Makes the data of a scenario that {@link #refresh} copies. */
    void prepare(Scenario scenario, int rows) throws SQLException, IOException;

    /** Puts the data back as it was prepared. */
    void refresh() throws SQLException, IOException;

    /** A session for a script. */
    Connection script() throws SQLException;

    /** A session that has read once in a transaction that stays open. */
    Connection snapshot() throws SQLException;

    /** The application. */
    Foreground application() throws SQLException;

    /** What people write by hand for a scenario; the first one is the alternative that times are compared with. */
    List<Script> scripts(Scenario scenario);

    /** How the time column says a time. */
    Optional<Purge.TimeFormat> format();

    /**
     * Upkeep, with this database under the id {@code stage}; the data must have been put there once.
     *
     * @param more of its configuration, as one line of YAML below {@code upkeep}
     */
    ResidentExecutor executor(List<String> jvm, String more) throws Exception;

    /** How much the contenders have written ahead since the data was put back, in bytes; NaN if that cannot be told. */
    double walBytes() throws SQLException, IOException;

    /** The contender's statements that took longest, one a line; empty if that cannot be told. */
    List<String> statements(int most) throws SQLException;

    /** How many old rows of the root table are still there. */
    long left() throws SQLException;

    @Override
    void close() throws SQLException, IOException;
}
