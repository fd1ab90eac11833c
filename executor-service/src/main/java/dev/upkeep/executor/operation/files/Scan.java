package dev.upkeep.executor.operation.files;

import dev.upkeep.common.task.PurgeFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One look at rows first and files then, so that a file that came with its row in between is not taken for an orphan.
 *
 * @param old files that are old enough, orphans or not
 * @param orphans at most {@link #MOST} of them
 * @param orphanCount how many there are in all
 * @param references rows that name a file of this store
 * @param keys what the rows name
 */
record Scan(
        PurgeFiles.Files files,
        long old,
        List<Orphan> orphans,
        PurgeFiles.Files orphanCount,
        long references,
        long missing,
        long passedOver,
        KeySet keys) {
    /** So many are taken in one command; the next one takes more. */
    static final int MOST = 100_000;

    static Scan of(PayloadStore store, References rows, Instant before, BooleanSupplier stop)
            throws SQLException, IOException {
        KeySet keys = new KeySet();
        Counting counting = new Counting(store, before, keys);
        rows.each(value -> store.keyOfReference(value).ifPresent(key -> {
            keys.add(key);
            counting.lookFor(key);
        }));
        FileWalk walk = new FileWalk(store.root(), stop);
        walk.walk(counting::file);
        return new Scan(
                new PurgeFiles.Files(counting.files, counting.bytes),
                counting.old,
                counting.orphans,
                new PurgeFiles.Files(counting.orphanFiles, counting.orphanBytes),
                keys.size(),
                counting.missing,
                walk.passedOver() + counting.passedOver,
                keys);
    }

    /** The share of the files old enough that no row refers to. */
    double orphanShare() {
        return old == 0 ? 0 : (double) orphanCount.count() / old;
    }

    private static final class Counting {
        private final PayloadStore store;
        private final Instant before;
        private final KeySet keys;
        private final List<Orphan> orphans = new ArrayList<>();
        private long files;
        private long bytes;
        private long old;
        private long orphanFiles;
        private long orphanBytes;
        private long missing;
        private long passedOver;

        Counting(PayloadStore store, Instant before, KeySet keys) {
            this.store = store;
            this.before = before;
            this.keys = keys;
        }

        /** Where the column is a bare name, a file's folder is not known, and its absence cannot be told. */
        void lookFor(String key) {
            if (store.form() != PayloadStore.Form.NAME
                    && !Files.exists(store.root().resolve(key), LinkOption.NOFOLLOW_LINKS)) {
                missing++;
            }
        }

        void file(String path, java.nio.file.attribute.BasicFileAttributes attributes) throws IOException {
            files++;
            bytes += attributes.size();
            if (!attributes.lastModifiedTime().toInstant().isBefore(before)) {
                return;
            }
            old++;
            if (keys.contains(store.keyOf(path))) {
                return;
            }
            try {
                if (!Orphan.isSettled(store.root().resolve(path), before)) {
                    return;
                }
                if (Orphan.hasOtherNames(store.root().resolve(path))) {
                    passedOver++;
                    return;
                }
            } catch (NoSuchFileException e) {
                return;
            }
            orphanFiles++;
            orphanBytes += attributes.size();
            if (orphans.size() < MOST) {
                orphans.add(Orphan.of(path, attributes));
            }
        }
    }
}
