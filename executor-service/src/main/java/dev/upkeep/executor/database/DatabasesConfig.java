package dev.upkeep.executor.database;

import dev.upkeep.common.fleet.Engine;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The databases that this executor cares for, by id. */
@ConfigMapping(prefix = "upkeep.databases")
public interface DatabasesConfig {
    /** One entry per database; the key is its id across the fleet. */
    @WithParentName
    Map<String, One> byId();

    /** One database. */
    interface One {
        /** {@code postgresql} or {@code sqlite}. */
        Engine engine();

        /** SQLite: the file. */
        Optional<Path> file();

        /** Labels by which policies and requests select it. */
        Map<String, String> labels();

        /** PostgreSQL: how to reach it. */
        @WithParentName
        Server server();

        /** PostgreSQL: its name in the server; the id's last part if absent. */
        Optional<String> database();
    }

    /** How to reach a PostgreSQL server. */
    interface Server {
        /** Name or address. */
        @WithDefault("127.0.0.1")
        String host();

        /** The server's port. */
        @WithDefault("5432")
        int port();

        /** The role; required for PostgreSQL. */
        Optional<String> user();

        /** A file with the password, readable by its owner only; read again at every connect. */
        Optional<Path> passwordFile();

        /** The environment variable with the password. Without file and variable, {@code .pgpass} or the server's own rule applies. */
        Optional<String> passwordEnv();

        /** Encryption of the connection. */
        Ssl ssl();

        /** What {@code SELECT system_identifier FROM pg_control_system()} must say there; anything if absent. */
        Optional<String> systemIdentifier();
    }

    /** Encryption of a connection to PostgreSQL, in libpq's words. */
    interface Ssl {
        /** {@code disable}, {@code prefer}, {@code require}, {@code verify-ca} or {@code verify-full}; if absent, the driver prefers it. */
        Optional<String> mode();

        /** The certificates to trust, PEM. */
        Optional<Path> rootCertificate();

        /** The client's certificate, PEM. */
        Optional<Path> certificate();

        /** The client's key, PKCS #8 DER or PKCS #12. */
        Optional<Path> key();
    }
}
