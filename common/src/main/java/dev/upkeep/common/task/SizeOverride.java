package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A person's signed word that one purge may delete more than the executor's limits of size allow. It lifts these limits only, for
 * one command, and only if the purge is what the statement says.
 *
 * @param key the id by which the executor knows the public key; not a key of a scheduler
 * @param signature Ed25519 over {@link Statement#content()}, in base64
 */
public record SizeOverride(Statement statement, String key, String signature) {
    /** For how long after its signing an override can be used. */
    public static final Duration VALID = Duration.ofHours(1);

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /**
     * What is signed: all of it is in the report of a dry run.
     *
     * @param planHash the plan's, lower-case hexadecimal
     * @param tables the tables of the rules, in their order, as the report writes them
     * @param rows at most so many, dependants included
     * @param signedAt from when on it can be used, for {@link #VALID}
     */
    public record Statement(DatabaseId database, String planHash, List<TableName> tables, long rows, Instant signedAt) {
        public Statement {
            Check.present("database", database);
            Check.text("planHash", planHash, HASH, "must be 64 lower-case hexadecimal digits");
            tables = Check.notEmpty("tables", tables);
            Check.between("rows", rows, 1, Long.MAX_VALUE);
            Check.present("signedAt", signedAt);
        }

        /** The bytes that the signature covers: one fact a line. */
        public byte[] content() {
            StringBuilder text = new StringBuilder("upkeep size override 1\n")
                    .append(database)
                    .append('\n')
                    .append(planHash)
                    .append('\n');
            tables.forEach(table -> text.append(table).append('\n'));
            return text.append(rows)
                    .append('\n')
                    .append(signedAt)
                    .append('\n')
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    public SizeOverride {
        Check.present("statement", statement);
        Check.line("key", key, 64);
        Check.line("signature", signature, 200);
    }
}
