package dev.upkeep.executor.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.result.Code;
import dev.upkeep.local.server.LocalPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encrypted sessions to a real server whose certificate an authority of the test's own has signed. */
class TlsTest {
    private static final String PASSWORD = "only-for-this-test";

    @TempDir
    Path folder;

    private void keytool(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("-storepass", PASSWORD, "-storetype", "PKCS12", "-J-XX:TieredStopAtLevel=1"));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private Path authority(String name) throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "bc:c",
                "-keystore",
                name + ".p12");
        keytool("-exportcert", "-rfc", "-alias", name, "-keystore", name + ".p12", "-file", name + ".pem");
        return folder.resolve(name + ".pem");
    }

    private void certify(String authority, String address) throws Exception {
        Files.deleteIfExists(folder.resolve("server.p12"));
        keytool("-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=server", "-keystore", "server.p12");
        keytool("-certreq", "-alias", "server", "-keystore", "server.p12", "-file", "server.csr");
        keytool(
                "-gencert",
                "-rfc",
                "-alias",
                authority,
                "-keystore",
                authority + ".p12",
                "-infile",
                "server.csr",
                "-outfile",
                "server.crt",
                "-ext",
                "san=" + address);
    }

    private void install(LocalPostgres server, Path data) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("server.p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        byte[] key = store.getKey("server", PASSWORD.toCharArray()).getEncoded();
        put(
                data.resolve("server.key"),
                "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                        + "\n-----END PRIVATE KEY-----\n",
                data);
        put(data.resolve("server.crt"), Files.readString(folder.resolve("server.crt")), data);
        server.address().execute("postgres", "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()");
    }

    private static void put(Path file, String text, Path data) throws IOException {
        Files.deleteIfExists(file);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setOwner(file, Files.getOwner(data));
    }

    private static PostgresDatabase database(LocalPostgres server, String mode, Path root) {
        return new PostgresDatabase(
                new DatabaseId("db"),
                Map.of(),
                new PostgresAddress(server.address().host(), server.address().port(), "postgres"),
                server.address().user(),
                () -> Optional.of(server.address().password()),
                Map.of("sslmode", mode, "sslrootcert", root.toString()));
    }

    private static boolean isEncrypted(PostgresDatabase database) throws SQLException {
        try (Connection connection = database.connect("test");
                ResultSet row = connection
                        .createStatement()
                        .executeQuery("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static void refusesForGood(PostgresDatabase database, String why) {
        assertThatThrownBy(() -> database.connect("test"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(database.codeOf(e)).isEqualTo(Code.AUTHENTICATION_FAILED))
                .hasMessageContaining("could not prove who it is")
                .hasMessageContaining(why);
    }

    @Test
    void verifiesTheServerInFullAndRefusesAnotherAuthorityAndAnotherHost() throws Exception {
        Path good = authority("good");
        Path wrong = authority("wrong");
        Path home = folder.resolve("postgres");
        try (LocalPostgres server =
                LocalPostgres.in(home).setting("fsync", "off").start()) {
            assertThatThrownBy(() -> isEncrypted(database(server, "verify-full", good)))
                    .as("a server without encryption")
                    .isInstanceOf(SQLException.class);

            certify("good", "ip:127.0.0.1");
            install(server, home.resolve("data"));
            Awaitility.await().ignoreExceptions().until(() -> isEncrypted(database(server, "verify-full", good)));
            refusesForGood(database(server, "verify-full", wrong), "wrong.pem");
            refusesForGood(database(server, "verify-ca", wrong), "wrong.pem");

            certify("good", "dns:another.example.org");
            install(server, home.resolve("data"));
            Awaitility.await().untilAsserted(() -> refusesForGood(database(server, "verify-full", good), "hostname"));
            assertThat(isEncrypted(database(server, "verify-ca", good))).isTrue();
        }
    }
}
