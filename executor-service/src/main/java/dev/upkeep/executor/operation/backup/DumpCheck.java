package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads a dump back: pg_restore reads its table of contents and all definitions, and then every block of data is read, and every row
 * counted and hashed, by {@link DumpArchive}, or by pg_restore where that does not know what is in it, such as large objects.
 * No server and no space on disk is needed.
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
        Optional<DumpScript> data = archived(content, pump, expectedBytes);
        return Optional.of(contents(
                schema, data.isPresent() ? data.get() : script(content, List.of("--data-only"), pump, expectedBytes)));
    }

    private static Optional<DumpScript> archived(Content content, Pump pump, long expectedBytes) throws IOException {
        try (InputStream in = content.open()) {
            return DumpArchive.data(pump.paced(in, part(expectedBytes)));
        }
    }

    private static Pump.Part part(long expectedBytes) {
        return new Pump.Part("verification", expectedBytes, 70, 99);
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
        return Scripts.read(order, Optional.of(content), attempt, pump, part(expectedBytes), DumpCheck::unreadable);
    }

    /** Of a backup of which pg_restore said so. */
    static Failure unreadable(String complaint) {
        return new Failure(
                Code.VERIFICATION_FAILED,
                "pg_restore cannot read the backup: " + complaint + "; it is damaged: take a new one");
    }
}
