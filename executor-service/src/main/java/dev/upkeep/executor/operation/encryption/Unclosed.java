package dev.upkeep.executor.operation.encryption;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Lets a compressed or encrypted stream be ended by closing it, without closing what it goes to. */
public final class Unclosed extends FilterOutputStream {
    public Unclosed(OutputStream out) {
        super(out);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        out.write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
        out.flush();
    }
}
