package dev.upkeep.executor.care;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.result.Severity;
import dev.upkeep.executor.database.SqliteDatabase;
import dev.upkeep.executor.operation.CalmAttempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.sqlite.Application;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An executor's process under confined circumstances: does every task on one file and prints how each ended, in a line. */
final class MisfortuneMain {
    private MisfortuneMain() {}

    /** How a task ended. */
    record End(String outcome, String code, String message) {}

    /**
     * The file, and further words: {@code fill-before} lets its disk be full, {@code fill-meanwhile} fills it when a task says that it
     * begins; with the name of a task only that one is done.
     */
    public static void main(String[] arguments) {
        Path file = Path.of(arguments[0]);
        List<String> words = List.of(arguments);
        Map<String, SqliteCare.Doing> tasks = new SqliteCare().tasks();
        if (words.contains("fill-before")) {
            fillUp(file);
        }
        tasks.forEach((name, task) -> {
            if (words.contains(name) || tasks.keySet().stream().noneMatch(words::contains)) {
                CalmAttempt attempt = new CalmAttempt();
                if (words.contains("fill-meanwhile")) {
                    attempt.whenTelling(message -> fillUp(file));
                }
                End end = end(task, Application.database(file), attempt);
                System.out.println(String.join("\t", name, end.outcome(), end.code(), end.message()));
            }
        });
    }

    /** How a task ended, as the runner would say: outcome, code or findings, message. */
    static End end(SqliteCare.Doing task, SqliteDatabase database, CalmAttempt attempt) {
        try {
            Done done = task.on(database, attempt);
            String findings = done.findings().stream()
                    .filter(finding -> finding.severity() != Severity.INFO)
                    .map(finding -> finding.check() + ": " + finding.value() + "; " + finding.advice())
                    .collect(Collectors.joining(" | "));
            return new End(
                    done.outcome().name(),
                    done.reason().map(Reason::code).map(Code::name).orElse("-"),
                    done.reason().map(reason -> reason.message() + " ").orElse("") + findings);
        } catch (Failure e) {
            return failed(e.reason().code(), e);
        } catch (SQLException e) {
            return failed(database.codeOf(e), e);
        } catch (IOException e) {
            return failed(Code.STORE_UNAVAILABLE, e);
        }
    }

    private static End failed(Code code, Exception e) {
        return new End("FAILED", code.name(), String.valueOf(e.getMessage()));
    }

    private static void fillUp(Path file) {
        try (OutputStream ballast = Files.newOutputStream(file.resolveSibling("ballast"))) {
            byte[] block = new byte[4096];
            while (true) {
                ballast.write(block);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
