package dev.upkeep.executor.operation.sqlite;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Another process that opens a SQLite file, runs statements in it, and holds what it got until it is closed. */
public final class HolderProcess implements AutoCloseable {
    private final Process process;

    /** Starts it, and returns when the statements have run. */
    public HolderProcess(Path file, String... statements) throws IOException {
        String[] command = new String[statements.length + 7];
        command[0] = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        command[1] = "-XX:TieredStopAtLevel=1";
        command[2] = "-Xmx64m";
        command[3] = "-cp";
        command[4] = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        command[5] = HolderProcess.class.getName();
        command[6] = file.toString();
        System.arraycopy(statements, 0, command, 7, statements.length);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        if (!"ready".equals(lines.readLine())) {
            throw new IOException("the holder did not start");
        }
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** The other process: file, then statements; the last one's rows are left unread beyond the first. */
    public static void main(String[] arguments) throws SQLException, IOException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + arguments[0]);
                Statement statement = connection.createStatement()) {
            for (int i = 1; i < arguments.length; i++) {
                statement.execute(arguments[i]);
            }
            System.out.println("ready");
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }
}
