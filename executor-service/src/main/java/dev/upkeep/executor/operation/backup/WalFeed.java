package dev.upkeep.executor.operation.backup;

import com.github.luben.zstd.ZstdInputStream;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.backup.program.Program;
import dev.upkeep.executor.operation.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Hands archived write-ahead log from an object store to a server that replays it: one file at a time, when the server asks for
 * it, so that neither the server nor a program of its needs the store's key, and no more room is needed than for one file. The server
 * asks by a file in a folder of its data, and finds the answer beside it.
 *
 * <p>That the store has no such file is an answer, by which the server knows the end of the log. That the store cannot be read is none:
 * the server is told to give up, and {@link #failure} says why. One thread of its own, ended by {@link #close}.
 */
final class WalFeed implements WalArchive.Access {
    static final String SPOOL = "upkeep_wal";

    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration END = Duration.ofMinutes(2);
    private static final Pattern NAME = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._-]*");
    private static final String WANT = ".want";
    private static final String SCRIPT = """
            # asks the executor that started this server for one file of the write-ahead log
            cd %s || exit 200
            : > "$1.want" || exit 200
            while :; do
                if [ -e "$1.have" ]; then mv "$1.have" "../$2" && exit 0; exit 200; fi
                if [ -e "$1.none" ]; then rm -f "$1.none"; exit 1; fi
                if [ -e closed ] || [ ! -d /proc/%d ]; then exit 200; fi
                sleep 0.02
            done
            """;

    private final Path spool;
    private final ServerAccount account;
    private final ObjectStore store;
    private final String keys;
    private final Thread thread;
    private volatile boolean isClosed;
    private volatile @Nullable Failure failure;

    private WalFeed(Path spool, ServerAccount account, ObjectStore store, String keys) {
        this.spool = spool;
        this.account = account;
        this.store = store;
        this.keys = keys;
        this.thread = new Thread(this::serve, "feed of write-ahead log");
        thread.setDaemon(true);
    }

    static WalFeed start(Path data, ServerAccount account, ObjectStore store, String keys) throws IOException {
        Path spool = data.resolve(SPOOL);
        BackupFolder.deleteTree(spool);
        Files.createDirectory(spool);
        Files.writeString(
                spool.resolve("fetch"),
                SCRIPT.formatted(SPOOL, ProcessHandle.current().pid()));
        account.own(spool);
        WalFeed feed = new WalFeed(spool, account, store, keys);
        feed.thread.start();
        return feed;
    }

    @Override
    public String restoreCommand() {
        return "sh " + SPOOL + "/fetch \"%f\" \"%p\"";
    }

    @Override
    public Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    private void serve() {
        try {
            while (!isClosed) {
                try (DirectoryStream<Path> wanted = Files.newDirectoryStream(spool, "*" + WANT)) {
                    for (Path want : wanted) {
                        answer(want);
                    }
                }
                Program.pause(LOOK);
            }
        } catch (Failure e) {
            giveUp(e);
        } catch (IOException | RuntimeException e) {
            giveUp(new Failure(Code.TOOL_FAILED, "the write-ahead log cannot be handed on in " + spool + ": " + e, e));
        }
    }

    private void giveUp(Failure why) {
        failure = why;
        try {
            Files.createFile(spool.resolve("closed"));
        } catch (IOException spoolIsGone) {
            // then nobody waits there
        }
    }

    private void answer(Path want) throws IOException {
        String file = want.getFileName().toString();
        String name = file.substring(0, file.length() - WANT.length());
        Path answer = spool.resolve(name + ".none");
        if (NAME.matcher(name).matches()) {
            Path part = spool.resolve(name + ".part");
            if (fetch(name, part)) {
                answer = spool.resolve(name + ".have");
                account.give(part);
                Files.delete(want);
                Files.move(part, answer, StandardCopyOption.ATOMIC_MOVE);
                return;
            }
        }
        Files.delete(want);
        Files.createFile(answer);
    }

    private boolean fetch(String name, Path part) throws IOException {
        String key = keys + name + ".zst";
        InputStream stored;
        try {
            stored = store.open(key);
        } catch (NoSuchFileException e) {
            return false;
        }
        try (InputStream in = new ZstdInputStream(stored)) {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (IOException e) {
            Optional<Failure> full = DiskSpace.full(e, spool);
            if (full.isPresent()) {
                throw full.get();
            }
            throw new Failure(
                    Code.VERIFICATION_FAILED,
                    store.place() + key + " cannot be unpacked: " + e.getMessage()
                            + "; the archived write-ahead log is damaged there: choose a point before it",
                    e);
        }
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        try {
            thread.join(END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        BackupFolder.deleteTree(spool);
    }
}
