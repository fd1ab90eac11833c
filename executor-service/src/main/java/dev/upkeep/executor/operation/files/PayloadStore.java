package dev.upkeep.executor.operation.files;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.TableName;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Files in a folder, and the rows that refer to them.
 *
 * @param form what the column holds
 * @param leastAge no order may take younger files than this
 */
record PayloadStore(DatabaseId database, Path root, TableName table, ColumnName column, Form form, Duration leastAge) {
    /** What a column says of a file. */
    enum Form {
        /** The path below the root. */
        RELATIVE,
        /** The whole path, or a {@code file:} URI. */
        ABSOLUTE,
        /** The last part of the path, whatever the folder; as stores do that name files by their content. */
        NAME
    }

    PayloadStore {
        if (!root.isAbsolute() || root.getNameCount() < 2) {
            throw new InvalidValue("root", root.toString(), "must be an absolute path of two folders or more");
        }
    }

    static PayloadStore of(PayloadSettings.Store settings) {
        return new PayloadStore(
                new DatabaseId(settings.database()),
                Path.of(settings.root()).normalize(),
                TableName.parse(settings.table()),
                ColumnName.parse(settings.column()),
                settings.form(),
                settings.leastAge());
    }

    /** What a row's value says, in the form in which {@link #keyOf} says it of a file; empty if it is of no file here. */
    Optional<String> keyOfReference(String value) {
        return switch (form) {
            case NAME ->
                Optional.of(value.substring(value.lastIndexOf('/') + 1)).filter(name -> !name.isEmpty());
            case RELATIVE -> inside(root.resolve(value.startsWith("/") ? value.substring(1) : value));
            case ABSOLUTE -> absolute(value).flatMap(this::inside);
        };
    }

    private static Optional<Path> absolute(String value) {
        try {
            Path path = value.startsWith("file:") ? Path.of(URI.create(value)) : Path.of(value);
            return Optional.of(path).filter(Path::isAbsolute);
        } catch (IllegalArgumentException | java.nio.file.FileSystemNotFoundException e) {
            return Optional.empty();
        }
    }

    private Optional<String> inside(Path path) {
        Path normal = path.normalize();
        return normal.startsWith(root) && !normal.equals(root)
                ? Optional.of(root.relativize(normal).toString())
                : Optional.empty();
    }

    /** What rows are compared by. */
    String keyOf(String relativePath) {
        return form == Form.NAME ? relativePath.substring(relativePath.lastIndexOf('/') + 1) : relativePath;
    }
}
