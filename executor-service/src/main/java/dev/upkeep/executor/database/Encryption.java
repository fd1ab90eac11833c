package dev.upkeep.executor.database;

import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.postgresql.util.PSQLException;

/** What goes wrong when a server has to prove who it is: no passing trouble of the network, though the driver calls it so. */
final class Encryption {
    private static final String INVALID_AUTHORIZATION = "28000";
    private static final String CONNECTION_FAILURE = "08006";

    private Encryption() {}

    /** The same error, or one that says that the certificate is not trusted, and by what. */
    static SQLException explained(SQLException error, PostgresAddress address, Map<String, String> settings) {
        Optional<String> distrust = distrust(error, settings);
        return distrust.isEmpty()
                ? error
                : new SQLException(
                        "the server at " + address + " could not prove who it is: " + distrust.get()
                                + "; it is checked by ssl.mode " + settings.getOrDefault("sslmode", "prefer")
                                + " against ssl.root-certificate "
                                + settings.getOrDefault("sslrootcert", "(the default)"),
                        INVALID_AUTHORIZATION,
                        error);
    }

    private static Optional<String> distrust(SQLException error, Map<String, String> settings) {
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLHandshakeException || cause instanceof CertificateException) {
                return Optional.of(String.valueOf(cause.getMessage()));
            }
        }
        // a certificate for another host: the driver has no exception of its own for it
        boolean isVerifying = settings.getOrDefault("sslmode", "").equals("verify-full");
        boolean isAnswer = error instanceof PSQLException
                && error.getCause() == null
                && CONNECTION_FAILURE.equals(error.getSQLState())
                && String.valueOf(error.getMessage()).contains("hostname");
        return isVerifying && isAnswer ? Optional.of(String.valueOf(error.getMessage())) : Optional.empty();
    }
}
