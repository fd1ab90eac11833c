package dev.upkeep.executor.operation.store;

import java.io.IOException;
import java.io.OutputStream;

/** An object that is being written. Closing it before {@link #complete} drops it; nothing of it is then left. Not thread-safe. */
public abstract class Upload extends OutputStream {
    /** Makes the object be there. */
    public abstract void complete() throws IOException;

    @Override
    public final void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public abstract void write(byte[] bytes, int offset, int count) throws IOException;
}
