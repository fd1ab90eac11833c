package dev.upkeep.executor.operation.purge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.TableName;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Archived rows as CSV in UTF-8, the rows of one table in one part, whose first record names the columns. Every value is in
 * quotes; null is nothing without quotes, so that it is not an empty text. That is what PostgreSQL's {@code COPY … CSV HEADER} reads.
 *
 * <p>PostgreSQL's values are the text that the server writes. In SQLite each value has a kind of its own: a number is written as
 * one, a blob, an infinite real and a text of invalid bytes as the JSON of {@link SqliteValue}, and a text as it is, but with an
 * apostrophe before it if it would otherwise read as one of these.
 */
final class CsvRows implements RowWriter {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final StreamReadConstraints ANY_LENGTH = StreamReadConstraints.builder()
            .maxStringLength(Integer.MAX_VALUE)
            .maxNumberLength(Integer.MAX_VALUE)
            .build();
    private static final JsonFactory JSON =
            JsonFactory.builder().streamReadConstraints(ANY_LENGTH).build();
    private static final CsvMapper CSV = CsvMapper.builder(CsvFactory.builder()
                    .streamReadConstraints(ANY_LENGTH)
                    .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                    .build())
            .enable(CsvGenerator.Feature.ALWAYS_QUOTE_STRINGS, CsvGenerator.Feature.ALWAYS_QUOTE_EMPTY_STRINGS)
            .build();
    private static final ObjectWriter WRITER = CSV.writerFor(String[].class);

    private final Engine engine;
    private List<String> names = List.of();
    private boolean isHeaded;
    private @Nullable SequenceWriter records;

    CsvRows(Engine engine) {
        this.engine = engine;
    }

    @Override
    public void begin(OutputStream frame, boolean isFirst) throws IOException {
        // as an array: values of null are left out of a record that stands alone
        records = WRITER.writeValuesAsArray(frame);
        isHeaded = !isFirst;
    }

    @Override
    public void write(TableName table, String json) throws IOException {
        SequenceWriter open = records;
        if (open == null) {
            throw new IllegalStateException("no frame has begun");
        }
        List<String> columns = new ArrayList<>();
        List<@Nullable String> cells = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                columns.add(parser.currentName());
                cells.add(cell(parser));
            }
        }
        if (!isHeaded) {
            names = columns;
            open.write(columns.toArray(String[]::new));
            isHeaded = true;
        } else if (!names.equals(columns)) {
            throw new Failure(
                    Code.PLAN_DRIFTED,
                    "the columns of table " + table + " changed while its rows were archived; order the purge again");
        }
        open.write(cells.toArray(new String[0]));
    }

    private @Nullable String cell(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token == JsonToken.START_OBJECT) {
            String kind = parser.nextFieldName();
            String value = parser.nextTextValue();
            parser.nextToken();
            return "{\"" + kind + "\":\"" + value + "\"}";
        }
        String text = parser.getText();
        boolean isText = token == JsonToken.VALUE_STRING;
        return engine == Engine.SQLITE && isText && isAmbiguous(text) ? "'" + text : text;
    }

    private static boolean isAmbiguous(String text) {
        return text.startsWith("'") || text.startsWith("{") || isNumber(text);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.charAt(0) <= '9' && NUMBER.matcher(text).matches();
    }

    @Override
    public void end() throws IOException {
        if (records != null) {
            records.close();
            records = null;
        }
    }

    /** The names of the columns, which a part's first frame begins with. */
    static List<String> header(InputStream frame) throws IOException {
        try (CsvReader records = new CsvReader(frame)) {
            return records.next().stream().map(Optional::orElseThrow).toList();
        }
    }

    /** The rows of a frame, each as JSON. */
    static List<ArchiveReader.Line> read(
            InputStream frame, boolean isFirst, String table, List<String> names, Engine engine) throws IOException {
        List<ArchiveReader.Line> lines = new ArrayList<>();
        try (CsvReader records = new CsvReader(frame)) {
            if (isFirst) {
                records.next();
            }
            for (List<Optional<String>> cells = records.next(); !cells.isEmpty(); cells = records.next()) {
                if (cells.size() != names.size()) {
                    throw new Failure(
                            Code.CORRUPT,
                            "a record of the archive of table " + table + " has " + cells.size() + " values instead of "
                                    + names.size());
                }
                lines.add(new ArchiveReader.Line(table, json(names, cells, engine)));
            }
        }
        return lines;
    }

    private static String json(List<String> names, List<Optional<String>> cells, Engine engine) {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < cells.size(); i++) {
            json.append(i == 0 ? "" : ",").append(Json.text(names.get(i))).append(':');
            json.append(cells.get(i)
                    .map(cell -> engine == Engine.SQLITE ? sqlite(cell) : Json.text(cell))
                    .orElse("null"));
        }
        return json.append('}').toString();
    }

    private static String sqlite(String cell) {
        if (cell.startsWith("{") || isNumber(cell)) {
            return cell;
        }
        return Json.text(cell.startsWith("'") ? cell.substring(1) : cell);
    }
}
