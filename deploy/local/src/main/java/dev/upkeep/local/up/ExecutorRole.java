package dev.upkeep.local.up;

import dev.upkeep.local.sample.TelemetrySample;
import dev.upkeep.local.server.PostgresAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.Base64;

/**
 * The role by which the executor works on the sample PostgreSQL: no superuser; it may see the server's statistics, read all data for
 * backups, and own the sample's tables to vacuum and purge them. Its password is generated, and kept in a file of the data folder.
 */
final class ExecutorRole {
    private static final String USER = "upkeep_executor";

    private ExecutorRole() {}

    static void prepare(DataFolder data, PostgresAddress server) throws SQLException, IOException {
        Path file = data.path().resolve("executor/database-password");
        if (!Files.exists(file)) {
            byte[] bytes = new byte[18];
            new SecureRandom().nextBytes(bytes);
            data.secret(
                    "executor/database-password",
                    Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        }
        String password = Files.readString(file).strip();
        server.execute(
                TelemetrySample.DATABASE,
                """
                DO $$ BEGIN
                    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '%1$s') THEN CREATE ROLE %1$s; END IF;
                END $$""".formatted(USER),
                // the password is made of letters, digits, - and _ only
                "ALTER ROLE %s LOGIN PASSWORD '%s'".formatted(USER, password),
                "GRANT pg_monitor, pg_read_all_data, %s TO %s".formatted(TelemetrySample.OWNER, USER));
    }
}
