package dev.upkeep.executor.operation.health;

import dev.upkeep.executor.operation.postgres.PostgresSession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** The disks of a server on this host: data, WAL and tablespaces; and those that the executor fills itself. */
final class PostgresDisksExam implements PostgresExam {
    private static final String SQL = """
            SELECT 'data' AS purpose, current_setting('data_directory') AS path, host(inet_server_addr()) AS server
            WHERE pg_has_role('pg_read_all_settings', 'USAGE')
            UNION ALL
            SELECT 'tablespace ' || spcname, pg_tablespace_location(oid), host(inet_server_addr())
            FROM pg_tablespace WHERE pg_tablespace_location(oid) <> ''
            """;

    private final HostDisks disks;

    PostgresDisksExam(HostDisks disks) {
        this.disks = disks;
    }

    private record Place(String purpose, Path path) {}

    @Override
    public String subject() {
        return "disks";
    }

    @Override
    public void look(PostgresSession session, PostgresServer server, Examination examination) throws SQLException {
        DiskExam exam = new DiskExam(disks, examination);
        boolean[] isHere = {true};
        List<Place> places = session.rows(SQL, row -> {
            isHere[0] &= isOfThisHost(row.getString("server"));
            return new Place(row.getString("purpose"), Path.of(row.getString("path")));
        });
        session.release();
        if (isHere[0]) {
            for (Place place : places) {
                exam.look(place.purpose(), place.path());
                if (place.purpose().equals("data")) {
                    exam.look("WAL", place.path().resolve("pg_wal"));
                }
            }
        } else {
            examination.fact("disk of data", "not looked at: the server is on another host");
        }
        exam.own();
    }

    /** A server that was reached through a socket file is here; another by its address. */
    private static boolean isOfThisHost(String server) throws SQLException {
        if (server == null) {
            return true;
        }
        try {
            InetAddress address = InetAddress.getByName(server);
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (IOException e) {
            return false;
        }
    }
}
