package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells from what PostgreSQL's programs write, in the C locale, why they failed. */
final class PostgresComplaint {
    private static final Map<String, Code> CODES = new LinkedHashMap<>();

    static {
        CODES.put("due to lock timeout", Code.LOCK_TIMEOUT);
        // a session of a parallel dump, when somebody waits to change the table that the first session holds
        CODES.put("could not obtain lock on relation", Code.LOCK_TIMEOUT);
        CODES.put("password authentication failed", Code.AUTHENTICATION_FAILED);
        CODES.put("no pg_hba.conf entry", Code.AUTHENTICATION_FAILED);
        CODES.put("no password supplied", Code.AUTHENTICATION_FAILED);
        CODES.put("server version mismatch", Code.TOOL_MISSING);
        CODES.put("permission denied", Code.PERMISSION_DENIED);
        CODES.put("must be superuser or replication role", Code.PERMISSION_DENIED);
        CODES.put("too many clients", Code.TOO_MANY_CONNECTIONS);
        CODES.put("connections are reserved", Code.TOO_MANY_CONNECTIONS);
        CODES.put("max_wal_senders", Code.TOO_MANY_CONNECTIONS);
        CODES.put("invalid page in block", Code.CORRUPT);
        CODES.put("checksum verification failed", Code.CORRUPT);
        CODES.put("Connection refused", Code.DATABASE_DOWN);
        CODES.put("the database system is", Code.DATABASE_DOWN);
        CODES.put("could not translate host name", Code.DATABASE_DOWN);
        CODES.put("terminating connection", Code.CONNECTION_LOST);
        CODES.put("server closed the connection", Code.CONNECTION_LOST);
        CODES.put("connection to server was lost", Code.CONNECTION_LOST);
        CODES.put("No space left on device", Code.DISK_FULL);
    }

    private PostgresComplaint() {}

    /** The same failure with the code that the program's words ask for. */
    static Failure coded(Failure failure) {
        String said = failure.reason().message();
        return CODES.entrySet().stream()
                .filter(entry -> failure.reason().code() == Code.TOOL_FAILED && said.contains(entry.getKey()))
                .findFirst()
                .map(entry -> new Failure(entry.getValue(), said, failure))
                .orElse(failure);
    }
}
