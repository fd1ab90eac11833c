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
import java.util.Set;

/** Loads a dump into a server by pg_restore, and says what a database holds in the same terms as a dump's check does. */
final class DumpLoad {
    private final Client client;
    private final Attempt attempt;
    private final Pump pump;

    DumpLoad(Client client, Attempt attempt, Pump pump) {
        this.client = client;
        this.attempt = attempt;
        this.pump = pump;
    }

    static Manifest.Cluster cluster(Manifest manifest) {
        return manifest.versions()
                .cluster()
                .orElseThrow(() -> new Failure(
                        Code.UNSUPPORTED, manifest.name() + " does not say which database and roles it is of"));
    }

    /** Loads it under its own name, with the roles that it refers to. */
    void intoSpare(SpareServer server, Manifest.Cluster cluster, Drilling.Task task) throws IOException {
        // a server has these from its beginning
        boolean isThere = List.of("postgres", "template1").contains(cluster.database());
        String entered = isThere ? cluster.database() : "postgres";
        Map<String, String> environment = server.environment(cluster.superuser(), entered);
        List<String> arguments = isThere ? List.of("--no-tablespaces") : List.of("--no-tablespaces", "--create");
        if (!BackupName.isDumpTar(task.manifest().name())) {
            server.sql(cluster.superuser(), "postgres", named(cluster));
            load(environment, List.of(), entered, arguments, task);
            return;
        }
        try (DumpTar dump = DumpTar.of(task, client, attempt, pump)) {
            Optional<String> roles = dump.roles();
            server.sql(cluster.superuser(), "postgres", roles.isPresent() ? all(roles.get(), cluster) : named(cluster));
            int jobs = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
            load(environment, List.of(), entered, arguments, dump, jobs);
        }
    }

    private static String named(Manifest.Cluster cluster) {
        StringBuilder roles = new StringBuilder();
        for (String role : cluster.roles()) {
            if (!role.equals(cluster.superuser())) {
                roles.append("CREATE ROLE ").append(quoted(role)).append(";\n");
            }
        }
        return roles.toString();
    }

    /** As they were taken along, all but the one that the spare server has from its beginning. */
    private static String all(String script, Manifest.Cluster cluster) {
        Set<String> there = Set.of(cluster.superuser(), quoted(cluster.superuser()));
        return String.join("\n", Roles.lacking(script, there).statements());
    }

    /** Loads one of many files into a database that exists; the first error ends it. */
    void load(
            Map<String, String> environment,
            List<String> secrets,
            String database,
            List<String> arguments,
            DumpTar dump,
            int jobs) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(
                "--exit-on-error",
                "--no-password",
                "--format=directory",
                "--jobs=" + jobs,
                "--dbname=" + LibpqSettings.toDatabase(database),
                dump.dump().toString()));
        Scripts.run(
                new ProgramOrder(client.program("pg_restore"), all, environment, secrets, List.of(), true),
                attempt,
                pump,
                () -> attempt.progress(40, Optional.empty(), "restore"),
                complaint -> PostgresComplaint.coded(
                        new Failure(Code.TOOL_FAILED, "pg_restore could not load the backup: " + complaint)));
    }

    /** Loads it into a database that exists; the first error ends it. */
    void load(
            Map<String, String> environment,
            List<String> secrets,
            String database,
            List<String> arguments,
            Drilling.Task task)
            throws IOException {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(
                "--exit-on-error",
                "--no-password",
                "--format=custom",
                "--dbname=" + LibpqSettings.toDatabase(database)));
        ProgramOrder order = new ProgramOrder(client.program("pg_restore"), all, environment, secrets, List.of(), true);
        try (StoredInput in = task.open()) {
            Scripts.feed(
                    order,
                    in,
                    attempt,
                    pump,
                    new Pump.Part("restore", task.manifest().file().contentBytes(), 0, 60),
                    complaint -> PostgresComplaint.coded(
                            new Failure(Code.TOOL_FAILED, "pg_restore could not load the backup: " + complaint)));
            task.verification().checkHash(in);
        }
    }

    /** What a database holds now. */
    Contents contentsOf(Map<String, String> environment, List<String> secrets, long expectedBytes) throws IOException {
        DumpScript schema = dump(environment, secrets, List.of("--schema-only", "--no-tablespaces"), 0);
        DumpScript data = dump(environment, secrets, List.of("--data-only"), expectedBytes);
        return DumpCheck.contents(schema, data);
    }

    private DumpScript dump(
            Map<String, String> environment, List<String> secrets, List<String> arguments, long expectedBytes)
            throws IOException {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--format=plain", "--no-password", "--lock-wait-timeout=30000"));
        ProgramOrder order = new ProgramOrder(client.program("pg_dump"), all, environment, secrets, List.of(), true);
        return Scripts.read(
                order,
                Optional.empty(),
                attempt,
                pump,
                new Pump.Part("comparison", expectedBytes, 60, 99),
                complaint -> PostgresComplaint.coded(
                        new Failure(Code.TOOL_FAILED, "the restored database cannot be read: " + complaint)));
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
