package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.id.TableName;
import java.util.List;

/**
 * A reference from a child table to its parent.
 *
 * @param name the constraint's name, or {@code declared}
 */
record Link(
        String name,
        TableName child,
        List<String> columns,
        TableName parent,
        List<String> parentColumns,
        OnDelete onDelete) {

    /** What the schema says becomes of the children. */
    enum OnDelete {
        NO_ACTION,
        RESTRICT,
        CASCADE,
        SET_NULL,
        SET_DEFAULT,
        /** The schema says nothing: the executor's configuration declares the reference. */
        DECLARED;

        /** Whether the children stay, since the engine takes the reference out of them. */
        boolean keepsChildren() {
            return this == SET_NULL || this == SET_DEFAULT;
        }
    }

    /** As people write it. */
    String text() {
        return child + "(" + String.join(", ", columns) + ") -> " + parent + "(" + String.join(", ", parentColumns)
                + ")";
    }
}
