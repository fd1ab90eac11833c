package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.PostgresClients.Client;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.backup.program.ProgramOrder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts a dump in the place of a live database's content, in one transaction: all that is there is dropped, which waits for
 * locks for five seconds and no longer, and what the backup has is made anew. Before it begins, the backup's checksum is looked
 * at; the COMMIT is the last word that pg_restore writes, so that a script that ends early, or the death of this process, makes
 * the server roll back.
 *
 * <p>pg_restore's own {@code --clean} is not used: it fails on partitioned tables, leaves what the backup does not know, and
 * waits for locks without end.
 */
final class Overwriting {
    private static final Duration END = Duration.ofHours(12);
    private static final String DROP_ALL = """
            BEGIN;
            SET LOCAL lock_timeout = '5s';
            DO $upkeep$
            DECLARE
                name text;
                kind text;
                owner text;
                grantee text;
            BEGIN
                FOR name IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP
                    EXECUTE format('DROP EXTENSION IF EXISTS %I CASCADE', name);
                END LOOP;
                FOR name IN SELECT evtname FROM pg_event_trigger LOOP
                    EXECUTE format('DROP EVENT TRIGGER IF EXISTS %I CASCADE', name);
                END LOOP;
                FOR name IN SELECT pubname FROM pg_publication LOOP
                    EXECUTE format('DROP PUBLICATION IF EXISTS %I CASCADE', name);
                END LOOP;
                FOR name IN SELECT nspname FROM pg_namespace
                            WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
                    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', name);
                END LOOP;
                PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
                FOR kind, owner, grantee IN
                    SELECT CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                                WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END,
                           d.defaclrole::regrole::text,
                           CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END
                    FROM pg_default_acl d, aclexplode(d.defaclacl) e WHERE d.defaclnamespace = 0 LOOP
                    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %s REVOKE ALL ON %s FROM %s', owner, kind, grantee);
                    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %s GRANT ALL ON %s TO %s', owner, kind, owner);
                    IF kind IN ('FUNCTIONS', 'TYPES') THEN
                        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %s GRANT ALL ON %s TO PUBLIC', owner, kind);
                    END IF;
                END LOOP;
                CREATE SCHEMA public;
                IF current_setting('server_version_num')::int >= 150000 THEN
                    ALTER SCHEMA public OWNER TO pg_database_owner;
                    GRANT USAGE ON SCHEMA public TO PUBLIC;
                ELSE
                    GRANT ALL ON SCHEMA public TO PUBLIC;
                END IF;
                COMMENT ON SCHEMA public IS 'standard public schema';
            END
            $upkeep$;
            """;

    private final Client client;
    private final Attempt attempt;
    private final Pump pump;

    Overwriting(Client client, Attempt attempt, Pump pump) {
        this.client = client;
        this.attempt = attempt;
        this.pump = pump;
    }

    /** @param dump if it is one of many files, which were unpacked */
    void perform(Map<String, String> environment, List<String> secrets, Drilling.Task task, Optional<DumpTar> dump)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--format=" + (dump.isPresent() ? "directory" : "custom"),
                "--no-tablespaces",
                "--single-transaction",
                "--file=-"));
        dump.ifPresent(unpacked -> arguments.add(unpacked.dump().toString()));
        ProgramOrder script = ProgramOrder.of(client.program("pg_restore"), arguments, Map.of());
        if (dump.isPresent()) {
            perform(environment, secrets, script, InputStream.nullInputStream(), task);
            return;
        }
        task.verification().checkStored(pump);
        try (StoredInput in = task.open()) {
            perform(environment, secrets, script, in, task);
        }
    }

    @SuppressWarnings("try") // some resources only have to be closed
    private void perform(
            Map<String, String> environment,
            List<String> secrets,
            ProgramOrder script,
            InputStream in,
            Drilling.Task task)
            throws IOException {
        ProgramOrder session = new ProgramOrder(
                client.program("psql"),
                List.of("-X", "-q", "-v", "ON_ERROR_STOP=1", "--no-password", "--output=/dev/null", "-f", "-"),
                environment,
                secrets,
                List.of(),
                false);
        try (Program restore = Program.start(script);
                Program psql = Program.start(session);
                Attempt.Interruption first = attempt.onStop(restore::stop);
                Attempt.Interruption second = attempt.onStop(psql::stop)) {
            Feed feed = Feed.start(in, restore.input(), script.name());
            Pump.Part part = new Pump.Part("restore", task.manifest().file().contentBytes(), 0, 60);
            try (OutputStream out = psql.input()) {
                out.write(DROP_ALL.getBytes(StandardCharsets.UTF_8));
                pump.move(restore.output(), out::write, part);
                // first what the store said, if it went away
                feed.join();
                if (restore.status(END) != 0) {
                    throw new Failure(
                            Code.VERIFICATION_FAILED, "pg_restore cannot read the backup: " + restore.complaints());
                }
            } catch (IOException e) {
                // psql ended before it had read all: its exit status and its words say why
                if (!Feed.isBrokenPipe(e)) {
                    throw e;
                }
            }
            if (psql.status(END) != 0) {
                throw PostgresComplaint.coded(new Failure(
                        Code.TOOL_FAILED,
                        "the original could not be overwritten, and is as it was: " + psql.complaints()));
            }
        }
    }
}
