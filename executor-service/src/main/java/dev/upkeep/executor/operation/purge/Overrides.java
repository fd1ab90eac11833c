package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.Sha256;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.sign.Verifier;
import dev.upkeep.common.task.SizeOverride;
import dev.upkeep.common.trust.PublicKeys;
import dev.upkeep.common.wire.Durations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Believes the overrides of people whose keys this executor was given, each for one command. Which command that was is on the disk
 * before the first row is deleted, so that a command that crashed can go on and no other can use the override; a file that a crash
 * left empty counts as used. Thread-safe.
 */
final class Overrides {
    private static final String KEYS = "upkeep.purge.override-keys";
    private static final String USED = ".overrides";
    private static final Duration SKEW = Duration.ofMinutes(2);

    private final Verifier verifier;

    private Overrides(Verifier verifier) {
        this.verifier = verifier;
    }

    /** @throws InvalidValue if a file is no public key, or others can change it */
    static Overrides by(Map<String, Path> files) {
        return new Overrides(new Verifier(PublicKeys.read(KEYS, files)));
    }

    boolean areKnown() {
        return !verifier.keys().isEmpty();
    }

    /** What a purge comes to. */
    record Purging(CommandId command, DatabaseId database, Plan plan, long rows, Instant now) {
        private List<TableName> tables() {
            return plan.branches().stream().map(branch -> branch.rule().table()).toList();
        }
    }

    /**
     * Why the override does not allow this purge; empty if it does.
     *
     * @param folder of the database's receipts
     */
    Optional<String> problem(SizeOverride override, Purging purging, Path folder) throws IOException {
        SizeOverride.Statement said = override.statement();
        if (!verifier.isSigned(override.key(), said.content(), override.signature())) {
            return Optional.of("override: it is not signed with a key of " + KEYS + ", or was changed since");
        }
        if (!said.database().equals(purging.database())) {
            return Optional.of("override.database: " + said.database() + " (this is " + purging.database() + ")");
        }
        if (!said.planHash().equals(purging.plan().hash())) {
            return Optional.of("override.planHash: " + said.planHash() + " (the plan is "
                    + purging.plan().hash() + "; look at a new dry run)");
        }
        if (!said.tables().equals(purging.tables())) {
            return Optional.of("override.tables: " + said.tables() + " (the rules' are " + purging.tables() + ")");
        }
        if (purging.rows() > said.rows()) {
            return Optional.of("override.rows: " + said.rows() + " (now there are " + purging.rows() + ")");
        }
        Optional<String> user = user(override, folder);
        if (user.isPresent()) {
            return user.filter(command -> !command.equals(purging.command().text()))
                    .map(command -> "override: it was used already, by command " + (command.isEmpty() ? "?" : command)
                            + ", and is good for one");
        }
        boolean isEarly = said.signedAt().isAfter(purging.now().plus(SKEW));
        boolean isLate = said.signedAt().plus(SizeOverride.VALID).isBefore(purging.now());
        return isEarly || isLate
                ? Optional.of("override.signedAt: " + said.signedAt() + " (it is good for "
                        + Durations.text(SizeOverride.VALID) + " from then on, and now it is " + purging.now() + ")")
                : Optional.empty();
    }

    /** Uses the override up for this command, durably; it must have been found without a problem. */
    void use(SizeOverride override, CommandId command, Path folder) throws IOException {
        Path used = folder.resolve(USED);
        Folders.make(used);
        Path file = used.resolve(name(override));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            Folders.keepPrivate(file);
            channel.write(ByteBuffer.wrap(command.text().getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        } catch (FileAlreadyExistsException e) {
            if (!user(override, folder).equals(Optional.of(command.text()))) {
                throw new Refused(Code.GUARDRAIL, "override: another command has just used it, and it is good for one");
            }
        }
        Folders.force(used);
    }

    private static Optional<String> user(SizeOverride override, Path folder) throws IOException {
        Path file = folder.resolve(USED).resolve(name(override));
        return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    }

    /** Of what was said, not of the signature: who signs the same again in the same instant has not said more. */
    private static String name(SizeOverride override) {
        return Sha256.hex(override.statement().content());
    }
}
