package dev.upkeep.executor.operation.store;

import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** An object that is being read; what is not wanted of it is not fetched. Not thread-safe. */
final class S3Input extends InputStream {
    private final ResponseInputStream<GetObjectResponse> in;
    private final String place;
    private final String key;
    private boolean isAtEnd;

    S3Input(ResponseInputStream<GetObjectResponse> in, String place, String key) {
        this.in = in;
        this.place = place;
        this.key = key;
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
