package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.Check;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Backup;
import dev.upkeep.common.task.Backup.Compression;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.executor.operation.encryption.Encryption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One line of the catalogue: all that is known of one backup. It lies beside the backup and appears only when that is whole.
 *
 * @param takenAt the instant whose content the backup has, or shortly before it
 * @param took from the beginning of the dump or copy until it was on disk
 * @param file what is stored
 * @param versions of the programs that made it, which say what can restore it
 * @param contents what was found in it when it was verified; physical backups are verified file by file instead
 * @param verifiedAt when it was read back last and found whole
 * @param provenAt when it was restored last and found equal
 * @param problem what was wrong when it was looked at last; it then does not count as verified
 */
record Manifest(
        String name,
        DatabaseId database,
        Engine engine,
        Method method,
        State state,
        CommandId command,
        Instant takenAt,
        Duration took,
        StoredFile file,
        Versions versions,
        Optional<Contents> contents,
        Optional<Instant> verifiedAt,
        Optional<Instant> provenAt,
        Optional<String> problem) {

    /**
     * The stored file.
     *
     * @param contentBytes before compression
     * @param sourceBytes of the database when it was backed up
     * @param sha256 of the stored bytes
     * @param encryption absent if it is not encrypted
     */
    record StoredFile(
            long bytes,
            long contentBytes,
            long sourceBytes,
            String sha256,
            Compression compression,
            Optional<Encryption> encryption) {}

    /** The engine's version, the version of the program that took the backup, and PostgreSQL's surroundings of it. */
    record Versions(String engine, String tool, Optional<Cluster> cluster) {}

    /**
     * What a PostgreSQL database refers to outside itself: to restore it elsewhere, these roles must exist there.
     *
     * @param superuser the role that the server was initialised with
     */
    record Cluster(String database, String superuser, List<String> roles) {
        Cluster {
            roles = Check.list("roles", roles);
        }
    }

    /** What a clock may be set back in passing. */
    private static final Duration CLOCK_STEP = Duration.ofMinutes(5);

    Manifest {
        Check.present("name", name);
        Check.present("database", database);
        Check.present("engine", engine);
        Check.present("method", method);
        Check.present("state", state);
        Check.present("command", command);
        Check.present("takenAt", takenAt);
        Check.present("took", took);
        Check.present("file", file);
        Check.present("versions", versions);
    }

    /** The same, with what was wrong with it at the last look; it goes back to taken. */
    Manifest damaged(String what) {
        return with(State.TAKEN, contents, verifiedAt, provenAt, Optional.of(what));
    }

    /** The same, read back just now and found whole. */
    Manifest verified(Optional<Contents> found, Instant at) {
        State now = provenAt.isPresent() ? State.PROVEN : State.VERIFIED;
        return with(now, contents.or(() -> found), Optional.of(at), provenAt, Optional.empty());
    }

    /** The same, restored just now and found equal. */
    Manifest proven(Optional<Contents> found, Instant at) {
        return with(State.PROVEN, contents.or(() -> found), verifiedAt, Optional.of(at), Optional.empty());
    }

    private Manifest with(
            State newState,
            Optional<Contents> found,
            Optional<Instant> verified,
            Optional<Instant> proven,
            Optional<String> wrong) {
        return new Manifest(
                name, database, engine, method, newState, command, takenAt, took, file, versions, found, verified,
                proven, wrong);
    }

    /** Whether it can be relied on: verified or proven, and nothing wrong at the last look. */
    boolean isVerified() {
        return state != State.TAKEN && problem.isEmpty();
    }

    /**
     * Whether the clock that dated it was ahead of this one. Such a backup would pass for the newest until the clock has caught
     * up: it counts for no age and no rule, and nothing goes for its sake.
     */
    boolean isFromTheFuture(Instant now) {
        return takenAt.isAfter(now.plus(CLOCK_STEP));
    }

    /** Backups of one kind can stand in for one another; others cannot. */
    String kind() {
        return kindOf(method);
    }

    static String kindOf(Method method) {
        return switch (method) {
            case LOGICAL -> "logical";
            case PHYSICAL -> "physical";
            case ONLINE, VACUUM_INTO -> "file";
        };
    }

    /** Bytes of the files that it is unpacked into before it can be read; none if it is read as a stream. */
    long unpackedBytes() {
        return BackupName.isDumpTar(name) ? file.contentBytes() : 0;
    }

    Backup.Report report(int expired) {
        return new Backup.Report(
                name,
                method,
                state,
                takenAt,
                file.bytes(),
                file.sourceBytes(),
                file.sha256(),
                versions.engine(),
                expired);
    }
}
