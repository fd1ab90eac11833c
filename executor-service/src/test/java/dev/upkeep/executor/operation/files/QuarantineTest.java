package dev.upkeep.executor.operation.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.Sha256;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineTest {
    private static final String RECEIPT = "20261121T020000Z-0f3a9c1e5b7d2468";
    private static final int FILES = 2_000;

    @TempDir
    Path folder;

    private Quarantine quarantineOf(Path root, int files) throws IOException {
        List<Orphan> orphans = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            Path file = Files.writeString(root.resolve(i + ".bin"), "old");
            orphans.add(Orphan.of(i + ".bin", Files.readAttributes(file, BasicFileAttributes.class)));
        }
        Quarantine quarantine = new Quarantine(root);
        quarantine.intend(RECEIPT, orphans, Instant.EPOCH);
        for (Orphan orphan : orphans) {
            assertThat(quarantine.take(RECEIPT, orphan)).isTrue();
        }
        return quarantine;
    }

    @Test
    void neverReplacesAFileThatTheApplicationMakesInTheSameInstant() throws Exception {
        Path root = folder.toRealPath();
        Quarantine quarantine = quarantineOf(root, FILES);
        CyclicBarrier together = new CyclicBarrier(2);
        ExecutorService application = Executors.newSingleThreadExecutor();

        int lost = 0;
        int torn = 0;
        try {
            for (int i = 0; i < FILES; i++) {
                Path file = root.resolve(i + ".bin");
                Future<Boolean> made = application.submit(() -> {
                    together.await();
                    return make(file);
                });
                together.await();
                boolean isBack = quarantine.giveBack(RECEIPT, i + ".bin");
                boolean isMade = made.get();
                lost += isMade && !Files.readString(file).equals("new") ? 1 : 0;
                torn += isBack == isMade ? 1 : 0;
            }
        } finally {
            application.shutdownNow();
        }

        assertThat(lost).as("files of the application that were replaced").isZero();
        assertThat(torn).as("files that both or neither put there").isZero();
    }

    private static boolean make(Path file) throws IOException {
        try {
            Files.writeString(file, "new", StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    @Test
    void endsAMoveThatACrashLeftHalfDone() throws Exception {
        Path root = folder.toRealPath();
        Quarantine quarantine = quarantineOf(root, 1);
        Path hidden = root.resolve(Quarantine.FOLDER)
                .resolve(RECEIPT)
                .resolve(Sha256.hex("0.bin").substring(0, 40));
        Files.createLink(root.resolve("0.bin"), hidden);

        boolean isBack = quarantine.giveBack(RECEIPT, "0.bin");

        assertThat(isBack).isTrue();
        assertThat(root.resolve("0.bin")).hasContent("old");
        assertThat(hidden).doesNotExist();
        assertThat(quarantine.entries(RECEIPT)).isEmpty();
    }
}
