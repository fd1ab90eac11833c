package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads a dump back by pg_restore: its table of contents, and then every row and large object, which are counted and hashed. No
 * server and no space on disk is needed.
 */
final class DumpCheck implements ContentCheck {
    private final Client client;
    private final Attempt attempt;

    DumpCheck(Client client, Attempt attempt) {
        this.client = client;
        this.attempt = attempt;
    }

    @Override
    public Optional<Contents> read(Content content, long expectedBytes, Workplace workplace, Pump pump)
            throws IOException {
        DumpScript schema = script(content, List.of("--schema-only", "--no-tablespaces"), pump, 0);
        DumpScript data = script(content, List.of("--data-only"), pump, expectedBytes);
        return Optional.of(contents(schema, data));
    }

    static Contents contents(DumpScript schema, DumpScript data) {
        TreeMap<String, Contents.Table> tables = new TreeMap<>(data.tables());
        // sequences and large objects have no rows, yet are content
        tables.put("", new Contents.Table(0, data.statements()));
        return new Contents(schema.statements(), data.tableCount(), data.rows(), tables);
    }

    private DumpScript script(Content content, List<String> arguments, Pump pump, long expectedBytes)
            throws IOException {
        List<String> all = new ArrayList<>(arguments);
        all.add("--format=custom");
        all.add("--file=-");
        ProgramOrder order = ProgramOrder.of(client.program("pg_restore"), all, Map.of());
        Pump.Part part = new Pump.Part("verification", expectedBytes, 70, 99);
        return Scripts.read(
                order,
                Optional.of(content),
                attempt,
                pump,
                part,
                complaint -> new Failure(
                        Code.VERIFICATION_FAILED,
                        "pg_restore cannot read the backup: " + complaint + "; it is damaged: take a new one"));
    }
}
