package dev.upkeep.executor.operation.backup;

import dev.upkeep.executor.database.PostgresDatabase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How PostgreSQL's programs reach a database: by environment variables, never by arguments that other users can read or that
 * could be taken for a connection string. The password goes by a file that only this user can read, deleted on closing.
 */
final class LibpqSettings implements AutoCloseable {
    private static final Map<String, String> BY_DRIVER_SETTING = Map.of(
            "sslmode", "PGSSLMODE",
            "sslrootcert", "PGSSLROOTCERT",
            "sslcert", "PGSSLCERT",
            "sslkey", "PGSSLKEY");

    private final Map<String, String> environment;
    private final List<String> secrets;
    private final Optional<Path> passwordFile;

    private LibpqSettings(Map<String, String> environment, List<String> secrets, Optional<Path> passwordFile) {
        this.environment = environment;
        this.secrets = secrets;
        this.passwordFile = passwordFile;
    }

    /**
     * The settings for this database.
     *
     * @param passwordFile where the password may be put
     */
    static LibpqSettings of(PostgresDatabase database, Path passwordFile) throws IOException {
        Map<String, String> environment = new HashMap<>();
        environment.put("PGHOST", database.address().host());
        environment.put("PGPORT", Integer.toString(database.address().port()));
        environment.put("PGDATABASE", database.address().database());
        environment.put("PGUSER", database.user());
        environment.put("PGAPPNAME", "upkeep backup");
        environment.put("PGCONNECT_TIMEOUT", "10");
        BY_DRIVER_SETTING.forEach((setting, variable) -> {
            String value = database.settings().get(setting);
            if (value != null) {
                environment.put(variable, value);
            }
        });
        Optional<String> password = database.password().get();
        if (password.isEmpty()) {
            return new LibpqSettings(environment, List.of(), Optional.empty());
        }
        write(passwordFile, "*:*:*:*:" + password.get().replace("\\", "\\\\").replace(":", "\\:") + "\n");
        environment.put("PGPASSFILE", passwordFile.toString());
        return new LibpqSettings(environment, List.of(password.get()), Optional.of(passwordFile));
    }

    /** A connection string with one quoted word, so that no database's name can be taken for another setting. */
    static String toDatabase(String name) {
        return "dbname='" + name.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static void write(Path file, String line) throws IOException {
        Files.deleteIfExists(file);
        try (FileChannel channel = BackupFolder.create(file)) {
            channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        }
    }

    Map<String, String> environment() {
        return environment;
    }

    List<String> secrets() {
        return secrets;
    }

    @Override
    public void close() throws IOException {
        if (passwordFile.isPresent()) {
            Files.deleteIfExists(passwordFile.get());
        }
    }
}
