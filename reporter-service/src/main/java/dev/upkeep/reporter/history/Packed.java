package dev.upkeep.reporter.history;

import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * A JSON document as the history keeps it by the million: deflated with a dictionary of what such documents always say. The first
 * byte names the form, so that a better dictionary can follow; what was written with an older one stays readable.
 *
 * <p>To look at one by hand: drop the first byte, then {@code zlib.decompressobj(zdict=…)} with {@code packed/results-1.txt} of this
 * service. Thread-safe.
 */
public final class Packed {
    private static final byte PLAIN = 0;
    // written before documents were packed: an object's first byte
    private static final byte AS_IT_CAME = '{';
    private static final byte FIRST_DICTIONARY = 1;
    private static final byte[] DICTIONARY = dictionary("/packed/results-1.txt");

    // a deflater holds 256 KiB outside of the heap: one for each of the two threads that write
    private static final ThreadLocal<Deflater> DEFLATER =
            ThreadLocal.withInitial(() -> new Deflater(Deflater.BEST_SPEED));

    private Packed() {}

    /** The form for a column. */
    public static byte[] of(byte[] document) {
        Deflater deflater = DEFLATER.get();
        deflater.reset();
        deflater.setDictionary(DICTIONARY);
        deflater.setInput(document);
        deflater.finish();
        byte[] packed = new byte[document.length + 1];
        packed[0] = FIRST_DICTIONARY;
        int length = deflater.deflate(packed, 1, document.length);
        if (deflater.finished()) {
            return Arrays.copyOf(packed, length + 1);
        }
        packed[0] = PLAIN;
        System.arraycopy(document, 0, packed, 1, document.length);
        return packed;
    }

    /** The document again. */
    public static byte[] document(byte[] packed) {
        if (packed.length == 0 || packed[0] == AS_IT_CAME) {
            return packed;
        }
        if (packed[0] == PLAIN) {
            return Arrays.copyOfRange(packed, 1, packed.length);
        }
        if (packed[0] != FIRST_DICTIONARY) {
            throw new IllegalStateException("a document was packed by a newer reporter, form " + packed[0]);
        }
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(packed, 1, packed.length - 1);
            ByteArrayOutputStream document = new ByteArrayOutputStream(packed.length * 5);
            byte[] part = new byte[8 * 1024];
            while (!inflater.finished()) {
                int length = inflater.inflate(part);
                document.write(part, 0, length);
                if (length == 0 && inflater.needsDictionary()) {
                    inflater.setDictionary(DICTIONARY);
                } else if (length == 0 && !inflater.finished()) {
                    throw new IllegalStateException("the history holds a document that is cut short");
                }
            }
            return document.toByteArray();
        } catch (DataFormatException e) {
            throw new IllegalStateException("the history holds a document that cannot be unpacked", e);
        } finally {
            inflater.end();
        }
    }

    /** The message that was packed. */
    public static <T> T read(byte[] packed, Class<T> type) {
        try {
            return Wire.read(document(packed), type);
        } catch (Unreadable e) {
            throw new IllegalStateException("the history holds an unreadable " + type.getSimpleName(), e);
        }
    }

    private static byte[] dictionary(String name) {
        try (InputStream resource = Packed.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException(name + " is not in the application");
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
