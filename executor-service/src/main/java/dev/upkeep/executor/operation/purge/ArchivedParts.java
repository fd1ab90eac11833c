package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.encryption.Encryption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which finished parts of an archive there are: those in its folder, and by {@code copied.json} those that only a store has. */
final class ArchivedParts {
    static final String ENCRYPTED = ".age";

    private static final String COPIED = "copied.json";
    private static final Pattern PART = Pattern.compile("part-\\d{5,9}\\.(jsonl|csv)\\.zst(\\.age)?");
    private static final Pattern NUMBERED = Pattern.compile("part-(\\d{5,9})\\.");

    private ArchivedParts() {}

    private record Copied(List<Receipt.Part> parts) {}

    /** In the folder. */
    static List<Receipt.Part> here(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.filter(ArchivedParts::isPart).sorted().toList();
        }
        Map<Integer, Encryption> encryptions =
                names.stream().anyMatch(ArchivedParts::isEncrypted) ? encryptions(folder) : Map.of();
        List<Receipt.Part> parts = new ArrayList<>();
        for (Path file : names) {
            String name = file.getFileName().toString();
            parts.add(new Receipt.Part(
                    name, Files.size(file), Folders.sha256(file), Optional.ofNullable(encryptions.get(number(name)))));
        }
        return parts;
    }

    private static Map<Integer, Encryption> encryptions(Path folder) throws IOException {
        Map<Integer, Encryption> all = new HashMap<>();
        ArchiveLog.read(folder).forEach(entry -> entry.encryption().ifPresent(how -> all.put(entry.part(), how)));
        return all;
    }

    private static int number(String name) {
        Matcher numbered = NUMBERED.matcher(name);
        return numbered.lookingAt() ? Integer.parseInt(numbered.group(1)) : 0;
    }

    static boolean isEncrypted(Path part) {
        return part.getFileName().toString().contains(ENCRYPTED);
    }

    private static boolean isPart(Path file) {
        return PART.matcher(file.getFileName().toString()).matches();
    }

    static boolean isCsv(Path part) {
        return part.getFileName().toString().contains(".csv.");
    }

    /** The highest number of a part that is in the folder, growing ones included, or in a store. */
    static int last(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return Stream.concat(
                            files.map(file -> file.getFileName().toString()),
                            copied(folder).stream().map(Receipt.Part::file))
                    .mapToInt(ArchivedParts::number)
                    .max()
                    .orElse(0);
        }
    }

    /** The name that a part which still grows is going to have. */
    static Optional<Path> growing(Path folder, int part) {
        return names(folder, part)
                .filter(file -> Files.exists(ArchivePart.partial(file)))
                .findFirst();
    }

    /** The file of a part, finished or growing. */
    static Path file(Path folder, int part) {
        return names(folder, part)
                .filter(Files::exists)
                .findFirst()
                .or(() -> growing(folder, part).map(ArchivePart::partial))
                .orElseThrow(() -> new Failure(
                        Code.CORRUPT,
                        "part " + part + " of the archive " + folder + " is missing; bring back the file from a copy"));
    }

    /**
     * Makes sure that the list leads to every byte of the finished parts, so that a list which was cut short is not taken for a small
     * archive. A part that still grows may have a frame more: its batch was not committed.
     */
    static void check(Path folder, List<ArchiveLog.Entry> entries) throws IOException {
        for (int part = 1; Files.isDirectory(folder) && part <= last(folder); part++) {
            Optional<Path> file = names(folder, part).filter(Files::exists).findFirst();
            long listed = ArchiveLog.lengthOf(part, entries);
            if (file.isPresent() && Files.size(file.get()) != listed) {
                throw new Failure(
                        Code.CORRUPT,
                        "the archive's part " + file.get() + " has " + Files.size(file.get())
                                + " bytes, but its list batches.jsonl leads to " + listed
                                + " of them: one of the two was cut or changed; bring back the file from a copy");
            }
        }
    }

    private static Stream<Path> names(Path folder, int part) {
        return Stream.of(Purge.Archive.values())
                .flatMap(format -> Stream.of(false, true)
                        .map(isEncrypted -> folder.resolve(ArchiveLog.partName(part, format, isEncrypted))));
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
