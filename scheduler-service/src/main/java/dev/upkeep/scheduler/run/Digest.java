package dev.upkeep.scheduler.run;

import dev.upkeep.common.request.Request;
import dev.upkeep.common.wire.Wire;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The digest of a request, the same for texts that mean the same: order of keys, blanks and unknown fields do not matter. */
public final class Digest {
    private Digest() {}

    /** Of a request that was read. */
    public static String of(Request request) {
        return of(Wire.write(request));
    }

    /** Of one that could not be read. */
    public static String of(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
