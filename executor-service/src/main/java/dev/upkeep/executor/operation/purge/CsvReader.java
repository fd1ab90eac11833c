package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads exactly the CSV that {@link CsvRows} writes: each value in quotes, or nothing at all for null. Not by the library that
 * writes it, whose reader (2.19) takes a null at the end of a record for an empty text. Used by one thread.
 */
final class CsvReader implements Closeable {
    private static final int END = -1;

    private final BufferedReader in;

    CsvReader(InputStream frame) {
        this.in = new BufferedReader(new InputStreamReader(frame, StandardCharsets.UTF_8));
    }

    /** The next record, nulls as empty; an empty list at the end. */
    List<Optional<String>> next() throws IOException {
        List<Optional<String>> cells = new ArrayList<>();
        int at = in.read();
        if (at == END) {
            return cells;
        }
        while (true) {
            if (at == '"') {
                StringBuilder text = new StringBuilder();
                at = quoted(text);
                cells.add(Optional.of(text.toString()));
            } else {
                cells.add(Optional.empty());
            }
            if (at == '\n') {
                return cells;
            }
            if (at != ',') {
                throw new Failure(Code.CORRUPT, "a record of the archive is not CSV as Upkeep writes it");
            }
            at = in.read();
        }
    }

    /** Reads up to the closing quote; returns what follows it. */
    private int quoted(StringBuilder text) throws IOException {
        while (true) {
            int at = in.read();
            if (at == '"') {
                int after = in.read();
                if (after != '"') {
                    return after;
                }
            } else if (at == END) {
                return END;
            }
            text.append((char) at);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
