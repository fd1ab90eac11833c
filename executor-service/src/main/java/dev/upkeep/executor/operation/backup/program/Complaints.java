package dev.upkeep.executor.operation.backup.program;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a program writes to its standard error: read to the end so that the program never blocks on it, and kept up to 4 KiB from
 * the beginning and 4 KiB from the end, without secrets. Thread-safe.
 */
final class Complaints implements Runnable {
    private static final int KEPT = 4 * 1024;
    private static final Pattern SECRET =
            Pattern.compile("(?i)(password|passwd|secret|token)(\\s*[=:]\\s*)('[^']*'|\"[^\"]*\"|\\S+)");
    private static final Pattern LOGIN = Pattern.compile("(?i)(\\w+://[^:/@\\s]+):[^@\\s]+@");

    private final InputStream stream;
    private final List<String> secrets;
    private final byte[] first = new byte[KEPT];
    private final byte[] last = new byte[KEPT];
    private long seen;

    Complaints(InputStream stream, List<String> secrets) {
        this.stream = stream;
        this.secrets = secrets;
    }

    @Override
    public void run() {
        byte[] buffer = new byte[KEPT];
        try (stream) {
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                keep(buffer, read);
            }
        } catch (IOException closedByTheOtherSide) {
            keep(new byte[0], 0);
        }
    }

    private synchronized void keep(byte[] buffer, int length) {
        for (int i = 0; i < length; i++, seen++) {
            if (seen < KEPT) {
                first[(int) seen] = buffer[i];
            } else {
                last[(int) ((seen - KEPT) % KEPT)] = buffer[i];
            }
        }
    }

    /** What is kept so far, redacted. */
    synchronized String text() {
        String begin = new String(first, 0, (int) Math.min(seen, KEPT), StandardCharsets.UTF_8);
        long rest = seen - KEPT;
        String text = begin;
        if (rest > KEPT) {
            int turn = (int) (rest % KEPT);
            text = begin + "\n… " + (rest - KEPT) + " bytes left out …\n"
                    + new String(last, turn, KEPT - turn, StandardCharsets.UTF_8)
                    + new String(last, 0, turn, StandardCharsets.UTF_8);
        } else if (rest > 0) {
            text = begin + new String(last, 0, (int) rest, StandardCharsets.UTF_8);
        }
        return redacted(text).strip();
    }

    private String redacted(String text) {
        String clean = text;
        for (String secret : secrets) {
            clean = secret.isEmpty() ? clean : clean.replace(secret, "***");
        }
        return LOGIN.matcher(SECRET.matcher(clean).replaceAll("$1$2***")).replaceAll("$1:***@");
    }
}
