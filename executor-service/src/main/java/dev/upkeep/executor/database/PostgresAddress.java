package dev.upkeep.executor.database;

import dev.upkeep.common.Check;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Where a PostgreSQL database is.
 *
 * @param host a name or address, without port
 * @param database the name in {@code pg_database}, as it is, never a connection string
 */
public record PostgresAddress(String host, int port, String database) {
    public PostgresAddress {
        Check.line("host", host, 255);
        Check.between("port", port, 1, 65_535);
        Check.line("database", database, 63);
    }

    String url() {
        String bracketed = host.contains(":") ? "[" + host + "]" : host;
        return "jdbc:postgresql://" + bracketed + ":" + port + "/"
                + URLEncoder.encode(database, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return host + ":" + port + "/" + database;
    }
}
