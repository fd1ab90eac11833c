package dev.upkeep.executor.operation.purge;

import dev.upkeep.executor.operation.encryption.Keys;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this executor lets any purge do, whatever a command says. */
@ConfigMapping(prefix = "upkeep.purge")
public interface PurgeConfig {
    /** The folder of archives and receipts, one folder per database below it; made if need be, closed to other users. */
    @WithDefault("archives")
    Path directory();

    /** Where finished archives go; they are written in the folder in any case. */
    @WithDefault("folder")
    ArchivePlace archiveStore();

    /** The public keys of age, {@code age1…}, that archives are encrypted for; not encrypted if absent. */
    Optional<List<String>> recipients();

    /**
     * A file with secret keys of age, those of older archives too, which only the executor can read. Without it this host
     * can write encrypted archives, and cannot bring rows back from them.
     */
    Optional<Path> identityFile();

    /** A rule must keep rows at least this long. */
    @WithDefault("PT24H")
    Duration leastKeep();

    /** A purge of more rows, dependants included, is refused. */
    @WithDefault("5000000")
    long maxRows();

    /** A purge of a greater share of a root table's rows is refused; 0 to 1. */
    @WithDefault("0.5")
    double maxShare();

    /** A purge of more than so many times the usual (the median of earlier ones, of at least three) is refused. */
    @WithDefault("10")
    double maxDeviation();

    /** A child table of more rows, without an index on what it refers by, makes the purge be refused. */
    @WithDefault("10000")
    long maxUnindexedRows();

    /** Files of the Ed25519 public keys, in PEM form by key id, of the people who may override the limits of size for a purge. */
    Map<String, Path> overrideKeys();

    /** Refuse a purge that does not archive. */
    @WithDefault("false")
    boolean requireArchive();

    /** Refuse a purge without a verified backup of at most this age; a command may ask for a younger one. */
    Optional<Duration> backupWithin();

    /** What a transaction of a purge should take; rows per batch follow from it. */
    @WithDefault("PT0.02S")
    Duration batchDuration();

    /** A transaction of a purge deletes at most so many rows of one table. */
    @WithDefault("10000")
    int batchRows();

    /** Drop partitions all of whose rows are past retention, archived first if asked for, instead of deleting their rows. */
    @WithDefault("true")
    boolean dropPartitions();

    /** What differs for single databases, by database id. */
    Map<String, ForDatabase> databases();

    /** The keys of archives. */
    static Keys keys(PurgeConfig config) {
        return Keys.of("upkeep.purge", config.recipients(), config.identityFile());
    }

    /** Places of archives. */
    enum ArchivePlace {
        /** The folder. */
        FOLDER,
        /** The S3-compatible store of {@code upkeep.store.s3}. */
        S3
    }

    /** What differs for one database; what is absent is as for all. */
    interface ForDatabase {
        /** As for all. */
        Optional<Duration> leastKeep();

        /** As for all. */
        Optional<Long> maxRows();

        /** As for all. */
        Optional<Double> maxShare();

        /** As for all. */
        Optional<Duration> backupWithin();

        /**
         * The time zone that columns without one are in, such as {@code Europe/Berlin}; without it, columns of type
         * timestamp are refused and dates are read as UTC.
         */
        Optional<String> timeZone();

        /** References that the schema does not declare, each as {@code rows(run_id) -> runs(run_id)}. */
        Optional<List<String>> links();

        /** Tables whose rows are never purged, neither by a rule nor as dependants. */
        Optional<List<String>> protect();

        /** If given, only these tables can be the table of a rule. */
        Optional<List<String>> tables();

        /** PostgreSQL: no purge while a session has an application name that matches one of these globs. */
        Optional<List<String>> activeApplications();

        /** No purge while a table has a row in one of these states, by a name of one's own for each. */
        @WithName("active-while")
        Map<String, State> activeWhile();
    }

    /** A column and the values by which it says that something is going on. */
    interface State {
        /** The table. */
        String table();

        /** Its column. */
        String column();

        /** One of these values means: not now. */
        List<String> values();
    }
}
