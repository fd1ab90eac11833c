package dev.upkeep.executor.run;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Reason;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.SqlMessage;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What the one catch makes of an exception: a reason with a code. */
final class Problem {
    /** Codes that a broken-off statement or program may end with. */
    private static final Set<Code> BROKEN_OFF =
            EnumSet.of(Code.TOOL_FAILED, Code.INTERRUPTED, Code.CANCELLED, Code.WINDOW_CLOSED, Code.INTERNAL);

    /** Codes that say that others hold what is needed. */
    private static final Set<Code> HELD = EnumSet.of(Code.LOCK_TIMEOUT, Code.BUSY, Code.OTHER_EXECUTOR);

    private Problem() {}

    static Reason of(Exception exception, Database database) {
        if (exception instanceof Failure failure) {
            return failure.reason();
        }
        if (exception instanceof SQLException sql) {
            return new Reason(database.codeOf(sql), SqlMessage.of(sql));
        }
        if (exception instanceof FileSystemException file) {
            return onThisHost(file);
        }
        if (exception instanceof IOException io) {
            return new Reason(codeOf(io), InvalidValue.shown(io.toString()));
        }
        if (exception instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return of(unchecked.getCause(), database);
        }
        return new Reason(
                Code.INTERNAL,
                "a defect of Upkeep: " + exception.getClass().getSimpleName() + ": "
                        + InvalidValue.shown(String.valueOf(exception.getMessage())) + "; see the executor's log");
    }

    /** A file or folder of this host does not mend itself: it is told at once, and the schedule is the next try. */
    private static Reason onThisHost(FileSystemException exception) {
        Code code = codeOf(exception);
        String what = Optional.ofNullable(exception.getReason()).orElseGet(() -> switch (code) {
            case PERMISSION_DENIED -> "permission denied";
            default -> exception.getClass().getSimpleName().replace("Exception", "");
        });
        return new Reason(
                code == Code.STORE_UNAVAILABLE ? Code.STORE_BROKEN : code,
                InvalidValue.shown(
                        exception.getFile() + ": " + what
                                + "; look at the file or folder, its disk and its mount: it is not tried again before the next order"));
    }

    private static Code codeOf(IOException exception) {
        String text = String.valueOf(exception.getMessage()).toLowerCase(Locale.ROOT);
        if (text.contains("read-only file system")) {
            return Code.READ_ONLY;
        }
        if (text.contains("no space left") || text.contains("disk quota") || text.contains("file too large")) {
            return Code.DISK_FULL;
        }
        return exception instanceof java.nio.file.AccessDeniedException || text.contains("permission denied")
                ? Code.PERMISSION_DENIED
                : Code.STORE_UNAVAILABLE;
    }

    /** Whether this may be nothing but the effect of being told to stop. */
    static boolean isBrokenOff(Reason reason) {
        return reason.code().isTransient() || BROKEN_OFF.contains(reason.code());
    }

    /** Whether it was refused before anything was done, since the server is not the expected one. */
    static boolean isRefusal(Exception exception, Database database) {
        return exception instanceof SQLException sql && database.codeOf(sql) == Code.WRONG_DATABASE;
    }

    /** How a task ends that gives up for this reason. */
    static Outcome outcomeOf(Reason reason) {
        return HELD.contains(reason.code()) ? Outcome.CONTENDED : Outcome.FAILED;
    }
}
