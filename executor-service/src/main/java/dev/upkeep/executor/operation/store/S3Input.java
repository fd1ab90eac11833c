package dev.upkeep.executor.operation.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** An object that is being read; what is not wanted of it is not fetched. Not thread-safe. */
final class S3Input extends InputStream {
    private final ResponseInputStream<GetObjectResponse> in;
    private final String place;
    private final String key;
    private long left;
    private boolean isAtEnd;

    S3Input(ResponseInputStream<GetObjectResponse> in, String place, String key) {
        this.in = in;
        this.place = place;
        this.key = key;
        this.left = Optional.ofNullable(in.response().contentLength()).orElse(0L);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        try {
            int read = in.read(bytes, offset, count);
            isAtEnd = read < 0;
            left -= Math.max(0, read);
            if (isAtEnd && left > 0) {
                // Java's client takes a connection that was cut for the end
                throw new EOFException("the store ended the connection " + left + " bytes before the end");
            }
            return read;
        } catch (IOException | SdkException e) {
            throw S3Failures.unreachable(place, "reading " + key, e);
        }
    }

    @Override
    public void close() throws IOException {
        if (isAtEnd) {
            in.close();
        } else {
            in.abort();
        }
    }
}
