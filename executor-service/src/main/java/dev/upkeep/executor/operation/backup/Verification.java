package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import dev.upkeep.executor.operation.encryption.Keys;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a stored backup back from where it is stored: its size, its checksum, and its content by the engine's own check. */
final class Verification {
    private final Blob blob;
    private final Manifest.StoredFile expected;
    private final Keys keys;

    Verification(Blob blob, Manifest.StoredFile expected, Keys keys) {
        this.blob = blob;
        this.expected = expected;
        this.keys = keys;
    }

    /**
     * Does it.
     *
     * @throws Failure with code {@code VERIFICATION_FAILED}, naming what differs, or {@code KEY_MISSING} if the stored bytes
     *     are the right ones and no key opens them
     */
    Optional<Contents> perform(ContentCheck check, Workplace workplace, Pump pump) throws SQLException, IOException {
        long bytes = blob.bytes();
        if (bytes != expected.bytes()) {
            throw broken("has " + bytes + " bytes instead of " + expected.bytes(), null);
        }
        List<StoredInput> opened = new ArrayList<>();
        try {
            Optional<Contents> contents = check.read(() -> open(opened), expected.contentBytes(), workplace, pump);
            StoredInput last = opened.get(opened.size() - 1);
            checkHash(last);
            return contents;
        } catch (StoredInput.Damaged e) {
            throw broken("cannot be read back: " + e.getMessage(), e);
        } catch (Failure e) {
            if (e.reason().code() == Code.KEY_MISSING) {
                // a damaged beginning looks like one for others
                checkStored(pump);
            }
            throw e;
        } finally {
            for (StoredInput input : opened) {
                input.close();
            }
        }
    }

    /** Only size and checksum. */
    void checkStored(Pump pump) throws IOException {
        try (StoredInput input = StoredInput.raw(blob)) {
            pump.move(input, (bytes, offset, count) -> {}, new Pump.Part("checksum", expected.bytes(), 0, 100));
            checkHash(input);
        }
    }

    /** A failure if the hash of what was read is not the expected one. */
    void checkHash(StoredInput input) throws IOException {
        String sha256 = input.sha256();
        if (!sha256.equals(expected.sha256())) {
            throw broken("has the SHA-256 " + sha256 + " instead of " + expected.sha256(), null);
        }
    }

    private InputStream open(List<StoredInput> opened) throws IOException {
        StoredInput input = StoredInput.open(blob, expected, keys);
        opened.add(input);
        // its close leaves the input open: perform closes it, and first reads what the check has left, for the hash
        return ReadAhead.start(input);
    }

    private Failure broken(String what, @org.jspecify.annotations.Nullable Throwable cause) {
        return new Failure(
                Code.VERIFICATION_FAILED,
                "the backup " + blob.place() + " " + what + "; it is damaged: take a new one",
                cause);
    }
}
