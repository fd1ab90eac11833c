package dev.upkeep.common.fleet;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import dev.upkeep.common.id.ExecutorId;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** The partition of the commands topic that one executor reads. Stable across releases: CRC-32C of the id, modulo the lanes. */
public record Lane(@JsonValue int number) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Lane {
        Check.between("lane", number, 0, 100_000);
    }

    /** The lane of this executor among so many. */
    public static Lane of(ExecutorId executor, int lanes) {
        Check.between("lanes", lanes, 1, 100_000);
        CRC32C crc = new CRC32C();
        crc.update(executor.text().getBytes(StandardCharsets.UTF_8));
        return new Lane((int) (crc.getValue() % lanes));
    }
}
