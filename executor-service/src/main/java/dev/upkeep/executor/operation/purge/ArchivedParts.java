package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Which finished parts of an archive there are: those in its folder, and by {@code copied.json} those that only a store has. */
final class ArchivedParts {
    private static final String COPIED = "copied.json";

    private ArchivedParts() {}

    private record Copied(List<Receipt.Part> parts) {}

    /** In the folder. */
    static List<Receipt.Part> here(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Receipt.Part> parts = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(ArchivedParts::isPart).sorted().toList()) {
                parts.add(new Receipt.Part(file.getFileName().toString(), Files.size(file), Folders.sha256(file)));
            }
        }
        return parts;
    }

    private static boolean isPart(Path file) {
        return file.getFileName().toString().matches("part-\\d{5,}\\.jsonl\\.zst");
    }

    /** In a store. */
    static List<Receipt.Part> copied(Path folder) throws IOException {
        Path file = folder.resolve(COPIED);
        try {
            return Files.exists(file)
                    ? Wire.read(Files.readAllBytes(file), Copied.class).parts()
                    : List.of();
        } catch (Unreadable e) {
            throw new Failure(Code.CORRUPT, file + " cannot be read; keep the folder: " + e.getMessage(), e);
        }
    }

    static boolean isCopied(Path folder, int part) throws IOException {
        String name = ArchiveLog.partName(part);
        return copied(folder).stream().anyMatch(copied -> copied.file().equals(name));
    }

    static void write(Path folder, List<Receipt.Part> parts) throws IOException {
        Folders.replace(folder.resolve(COPIED), Wire.write(new Copied(parts)));
    }

    /** All of them. */
    static List<Receipt.Part> all(Path folder) throws IOException {
        List<Receipt.Part> all = new ArrayList<>(here(folder));
        for (Receipt.Part part : copied(folder)) {
            if (all.stream().noneMatch(known -> known.file().equals(part.file()))) {
                all.add(part);
            }
        }
        all.sort(Comparator.comparing(Receipt.Part::file));
        return all;
    }
}
