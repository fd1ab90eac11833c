package dev.upkeep.executor.database;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.trust.Trust;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Makes databases of their configuration; a bad value is refused with its key. */
public final class ConfiguredDatabases {
    private static final Set<String> SSL_MODES =
            Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    private ConfiguredDatabases() {}

    /** @throws InvalidValue naming key, value and rule */
    public static List<Database> of(DatabasesConfig config) {
        return config.byId().entrySet().stream()
                .map(entry -> of(new DatabaseId(entry.getKey()), entry.getValue()))
                .toList();
    }

    private static Database of(DatabaseId id, DatabasesConfig.One one) {
        String key = "upkeep.databases." + id + ".";
        if (one.engine() == Engine.SQLITE) {
            Path file =
                    one.file().orElseThrow(() -> new InvalidValue(key + "file", "absent", "is required for SQLite"));
            return new SqliteDatabase(id, one.labels(), file);
        }
        if (one.file().isPresent()) {
            throw new InvalidValue(key + "file", one.file().get().toString(), "is for SQLite only");
        }
        String name =
                one.database().orElseGet(() -> id.text().substring(id.text().lastIndexOf('/') + 1));
        return postgres(key, id, one.labels(), one.server(), name);
    }

    static PostgresDatabase postgres(
            String key, DatabaseId id, Map<String, String> labels, DatabasesConfig.Server server, String name) {
        String user =
                server.user().orElseThrow(() -> new InvalidValue(key + "user", "absent", "is required for PostgreSQL"));
        return new PostgresDatabase(
                id,
                labels,
                new PostgresAddress(server.host(), server.port(), name),
                user,
                password(key, server),
                settings(key, server.ssl()),
                server.systemIdentifier().map(number -> systemIdentifier(key, number)));
    }

    private static String systemIdentifier(String key, String number) {
        if (!number.matches("[0-9]{1,20}")) {
            throw new InvalidValue(
                    key + "system-identifier", number, "must be the number that pg_control_system() says");
        }
        return number;
    }

    private static Supplier<Optional<String>> password(String key, DatabasesConfig.Server server) {
        if (server.passwordFile().isPresent() && server.passwordEnv().isPresent()) {
            throw new InvalidValue(
                    key + "password-env", server.passwordEnv().get(), "must not be given beside password-file");
        }
        if (server.passwordFile().isPresent()) {
            return Password.inFile(server.passwordFile().get());
        }
        return server.passwordEnv().map(Password::inEnvironment).orElse(Optional::empty);
    }

    private static Map<String, String> settings(String key, DatabasesConfig.Ssl ssl) {
        Map<String, String> settings = new HashMap<>();
        ssl.mode().ifPresent(mode -> {
            if (!SSL_MODES.contains(mode)) {
                throw new InvalidValue(key + "ssl.mode", mode, "must be one of " + String.join(", ", SSL_MODES));
            }
            settings.put("sslmode", mode);
        });
        ssl.rootCertificate().ifPresent(path -> settings.put("sslrootcert", path.toString()));
        ssl.certificate().ifPresent(path -> settings.put("sslcert", path.toString()));
        ssl.key().ifPresent(path -> {
            Trust.demandSecret(key + "ssl.key", path);
            settings.put("sslkey", path.toString());
        });
        return settings;
    }
}
