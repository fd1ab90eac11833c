package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Unpacks a dump of many files into a scratch folder, and reads all of it by pg_restore, as a dump of one file is read. */
final class DumpTarCheck implements ContentCheck {
    private final Client client;
    private final Attempt attempt;

    DumpTarCheck(Client client, Attempt attempt) {
        this.client = client;
        this.attempt = attempt;
    }

    @Override
    public Optional<Contents> read(Content content, long expectedBytes, Workplace workplace, Pump pump)
            throws IOException {
        try (DumpTar dump = new DumpTar(workplace.scratch("check"))) {
            try (InputStream in = content.open()) {
                dump.unpack(in, client, attempt, pump, new Pump.Part("verification", expectedBytes, 70, 80));
            }
            DumpScript schema = script(dump, List.of("--schema-only", "--no-tablespaces"), pump, 0);
            DumpScript data = script(dump, List.of("--data-only"), pump, expectedBytes);
            return Optional.of(DumpCheck.contents(schema, data));
        }
    }

    private DumpScript script(DumpTar dump, List<String> arguments, Pump pump, long expectedBytes) throws IOException {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--format=directory", "--file=-", dump.dump().toString()));
        return Scripts.read(
                ProgramOrder.of(client.program("pg_restore"), all, Map.of()),
                Optional.empty(),
                attempt,
                pump,
                new Pump.Part("verification", expectedBytes, 80, 99),
                DumpCheck::unreadable);
    }
}
