package dev.upkeep.cli;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.sign.PemKeys;
import dev.upkeep.common.sign.Signer;
import dev.upkeep.common.task.SizeOverride;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Signs an override of the limits of size for one purge; needs no broker. */
@Command(
        name = "override",
        mixinStandardHelpOptions = true,
        description = {
            "Signs that one purge may delete more than the executor's limits of size allow, and prints what to put under",
            "\"override\" in the purge. Look at a dry run first: plan hash, tables and rows are in its report.",
            "Good for one command, within an hour. The executor must know the public key (upkeep.purge.override-keys)."
        })
final class OverrideCommand implements Callable<Integer> {
    @Option(
            names = "--key",
            required = true,
            description = "file of your private key: openssl genpkey -algorithm ed25519")
    private Path key = Path.of("");

    @Option(names = "--key-id", required = true, description = "the name by which the executor knows its public key")
    private String keyId = "";

    @Option(names = "--database", required = true, description = "the database's id")
    private String database = "";

    @Option(names = "--plan-hash", required = true, description = "planHash of the dry run's report")
    private String planHash = "";

    @Option(names = "--table", required = true, description = "the table of a rule; once for each rule, in their order")
    private List<String> tables = new ArrayList<>();

    @Option(names = "--rows", required = true, description = "at most so many rows, dependants included")
    private long rows;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        SizeOverride.Statement statement = new SizeOverride.Statement(
                new DatabaseId(database),
                planHash,
                tables.stream().map(TableName::parse).toList(),
                rows,
                Clock.systemUTC().instant().truncatedTo(ChronoUnit.SECONDS));
        Signer signer = new Signer(keyId, PemKeys.privateKey(Files.readString(key)));
        SizeOverride signed = new SizeOverride(statement, keyId, signer.signature(statement.content()));
        Objects.requireNonNull(spec)
                .commandLine()
                .getOut()
                .println(new String(Wire.write(signed), StandardCharsets.UTF_8));
        return 0;
    }
}
