package dev.upkeep.scheduler.run;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.wire.Wire;

/** The digest of a request, the same for texts that mean the same: order of keys, blanks and unknown fields do not matter. */
public final class Digest {
    private Digest() {}

    /** Of a request that was read. */
    public static String of(Request request) {
        return of(Wire.write(request));
    }

    /** Of one that could not be read. */
    public static String of(byte[] content) {
        return Sha256.hex(content);
    }
}
