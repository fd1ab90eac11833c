package dev.upkeep.executor.operation.purge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Archived rows as JSON Lines: {@code {"table": …, "row": {…}}}, the rows of all tables in one part. */
final class JsonRows implements RowWriter {
    private static final String ROW = ",\"row\":";
    private static final JsonFactory JSON = new JsonFactory();

    private OutputStream out = OutputStream.nullOutputStream();

    @Override
    public void begin(OutputStream frame, boolean isFirst) {
        out = frame;
    }

    @Override
    public void write(TableName table, String json) throws IOException {
        out.write(("{\"table\":" + Json.text(table.text()) + ROW + json + "}\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void end() {
        out = OutputStream.nullOutputStream();
    }

    static List<ArchiveReader.Line> read(InputStream frame) throws IOException {
        List<ArchiveReader.Line> lines = new ArrayList<>();
        BufferedReader reader = new BufferedReader(new InputStreamReader(frame, StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            lines.add(line(line));
        }
        return lines;
    }

    private static ArchiveReader.Line line(String text) throws IOException {
        try (JsonParser parser = JSON.createParser(text.substring(0, Math.min(text.length(), 2_000)))) {
            parser.nextToken();
            parser.nextToken();
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw new Failure(Code.CORRUPT, "a line of the archive does not begin with its table");
            }
            String table = parser.getText();
            int row = text.indexOf(ROW);
            return new ArchiveReader.Line(table, text.substring(row + ROW.length(), text.length() - 1));
        }
    }
}
