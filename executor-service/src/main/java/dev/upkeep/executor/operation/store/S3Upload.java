package dev.upkeep.executor.operation.store;

import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * An object that is sent in parts, each held in memory until it is full. The store shows nothing of it before {@link #complete};
 * an object of less than a part is sent as a whole then.
 */
final class S3Upload extends Upload {
    private static final int MOST_PARTS = 10_000;
    private static final int MEBIBYTE = 1024 * 1024;
    private static final double MARGIN = 1.5;

    private final S3Client client;
    private final S3Address address;
    private final String place;
    private final String key;
    private final byte[] part;
    private final List<CompletedPart> parts = new ArrayList<>();
    private int filled;
    private boolean isComplete;
    private @Nullable String id;

    S3Upload(S3Client client, S3Address address, String place, String key, long expectedBytes) {
        this.client = client;
        this.address = address;
        this.place = place;
        this.key = key;
        this.part = new byte[partBytes(address.partBytes(), expectedBytes, S3Address.mostPart())];
    }

    /** As configured, or so that the expected bytes and half as much again fit into the parts there may be, but never more than {@code most}. */
    static int partBytes(int configured, long expectedBytes, int most) {
        long needed = (long) (expectedBytes * MARGIN) / MOST_PARTS + 1;
        long rounded = (needed + MEBIBYTE - 1) / MEBIBYTE * MEBIBYTE;
        return (int) Math.min(most, Math.max(configured, rounded));
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        int from = offset;
        int left = count;
        while (left > 0) {
            if (filled == part.length) {
                sendPart();
            }
            int taken = Math.min(left, part.length - filled);
            System.arraycopy(bytes, from, part, filled, taken);
            filled += taken;
            from += taken;
            left -= taken;
        }
    }

    private void sendPart() throws IOException {
        if (parts.size() == MOST_PARTS) {
            throw new Failure(
                    Code.OUT_OF_MEMORY,
                    key + " needs more than " + MOST_PARTS + " parts of " + part.length / MEBIBYTE
                            + " MB: set upkeep.store.s3.part-size higher, and -Xmx to at least four times that");
        }
        String upload = id == null ? begin() : id;
        int number = parts.size() + 1;
        String etag = S3Failures.send(
                place,
                key,
                "writing part " + number + " of " + key,
                () -> client.uploadPart(
                                request -> request.bucket(address.bucket())
                                        .key(key)
                                        .uploadId(upload)
                                        .partNumber(number)
                                        .contentMD5(md5(part, filled)),
                                body())
                        .eTag());
        parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
        filled = 0;
    }

    private String begin() throws IOException {
        String begun = S3Failures.send(
                place,
                key,
                "writing " + key,
                () -> client.createMultipartUpload(
                                request -> request.bucket(address.bucket()).key(key))
                        .uploadId());
        id = begun;
        return begun;
    }

    /** The part as it is filled now, without a copy of it. */
    private RequestBody body() {
        int length = filled;
        return RequestBody.fromContentProvider(
                () -> new ByteArrayInputStream(part, 0, length), length, "application/octet-stream");
    }

    @Override
    public void complete() throws IOException {
        String upload = id;
        if (upload == null) {
            S3Failures.send(
                    place,
                    key,
                    "writing " + key,
                    () -> client.putObject(
                            request -> request.bucket(address.bucket()).key(key).contentMD5(md5(part, filled)),
                            body()));
        } else {
            sendPart();
            S3Failures.send(
                    place,
                    key,
                    "completing " + key,
                    () -> client.completeMultipartUpload(request -> request.bucket(address.bucket())
                            .key(key)
                            .uploadId(upload)
                            .multipartUpload(all -> all.parts(parts))));
        }
        isComplete = true;
    }

    @Override
    public void close() {
        String upload = id;
        if (isComplete || upload == null) {
            return;
        }
        isComplete = true;
        try {
            client.abortMultipartUpload(
                    request -> request.bucket(address.bucket()).key(key).uploadId(upload));
        } catch (SdkException storeIsGone) {
            // what broke the upload off is told by whoever writes; the parts go when the store is there again
        }
    }

    static String md5(byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(bytes, 0, length);
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }
}
