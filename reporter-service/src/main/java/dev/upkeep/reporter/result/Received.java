package dev.upkeep.reporter.result;

import dev.upkeep.common.result.Result;
import dev.upkeep.common.wire.Wire;
import dev.upkeep.reporter.history.Packed;

/**
 * A result as it was read, with the bytes that it came in, packed for the history.
 *
 * @param packed see {@link Packed}
 */
@SuppressWarnings("ArrayRecordComponent") // goes from one thread to the next, and is compared by nobody
public record Received(Result result, byte[] packed) {
    /** A result as it came. */
    public static Received of(Result result, byte[] value) {
        return new Received(result, Packed.of(value));
    }

    /** A result that has not travelled. */
    public static Received of(Result result) {
        return of(result, Wire.write(result));
    }
}
