package dev.upkeep.executor.operation.purge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.github.luben.zstd.ZstdInputStream;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads an archive back, the batch that was deleted last first, and in it the row that was written last first: so parents come
 * before those that refer to them. Each frame is checked against its hash before a row of it is handed out.
 */
final class ArchiveReader {
    private static final String ROW = ",\"row\":";
    private static final JsonFactory JSON = new JsonFactory();

    private final Path folder;
    private final List<ArchiveLog.Entry> entries;
    private final Map<Line, Integer> later = new HashMap<>();

    /** One archived row; {@code json} is an object of its columns. */
    record Line(String table, String json) {}

    ArchiveReader(Path folder) throws IOException {
        this.folder = folder;
        List<ArchiveLog.Entry> all = new ArrayList<>(ArchiveLog.read(folder));
        Collections.reverse(all);
        this.entries = List.copyOf(all);
    }

    /** How many frames there are; the first is the one that was written last. */
    int frames() {
        return entries.size();
    }

    /** How many rows of each table the archive lists. */
    Map<String, Long> rows() {
        Map<String, Long> rows = new java.util.TreeMap<>();
        entries.stream()
                .filter(entry -> !entry.revoked())
                .forEach(entry -> entry.rows().forEach((table, count) -> rows.merge(table, count, Long::sum)));
        return rows;
    }

    /**
     * The rows of a frame; frames are to be asked for in order. Of a frame whose process died before it could say whether
     * the batch was committed, only those rows that no later frame has again.
     */
    List<Line> frame(int number) throws IOException {
        ArchiveLog.Entry entry = entries.get(number);
        if (entry.revoked()) {
            return List.of();
        }
        List<Line> lines = read(entry);
        Collections.reverse(lines);
        boolean isDoubtful = number > 0 && !entries.get(number - 1).attempt().equals(entry.attempt());
        List<Line> handedOut = new ArrayList<>();
        for (Line line : lines) {
            if (isDoubtful && later.getOrDefault(line, 0) > 0) {
                later.merge(line, -1, Integer::sum);
            } else {
                handedOut.add(line);
            }
        }
        if (hasEarlierAttempts(number)) {
            handedOut.forEach(line -> later.merge(line, 1, Integer::sum));
        }
        return handedOut;
    }

    private boolean hasEarlierAttempts(int number) {
        String attempt = entries.get(number).attempt();
        return entries.subList(number, entries.size()).stream()
                .anyMatch(entry -> !entry.attempt().equals(attempt));
    }

    private List<Line> read(ArchiveLog.Entry entry) throws IOException {
        Path part = folder.resolve(ArchiveLog.partName(entry.part()));
        Path file = Files.exists(part) ? part : folder.resolve(ArchiveLog.partName(entry.part()) + ".partial");
        byte[] frame = new byte[Math.toIntExact(entry.bytes())];
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(entry.offset());
            in.readFully(frame);
        }
        String hash = java.util.HexFormat.of().formatHex(Folders.sha256().digest(frame));
        if (!hash.equals(entry.sha256())) {
            throw new Failure(
                    Code.CORRUPT,
                    "the archive's part " + file + " is damaged at byte " + entry.offset()
                            + ": its hash is not the one that was listed; bring back the file from a copy");
        }
        List<Line> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new ZstdInputStream(new ByteArrayInputStream(frame)), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line(line));
            }
        }
        return lines;
    }

    private static Line line(String text) throws IOException {
        try (JsonParser parser = JSON.createParser(text.substring(0, Math.min(text.length(), 2_000)))) {
            parser.nextToken();
            parser.nextToken();
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw new Failure(Code.CORRUPT, "a line of the archive does not begin with its table");
            }
            String table = parser.getText();
            int row = text.indexOf(ROW);
            return new Line(table, text.substring(row + ROW.length(), text.length() - 1));
        }
    }
}
