package dev.upkeep.executor.operation.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/**
 * An S3-compatible store. Every part and every small object is sent with the MD5 that the store compares; the whole is for the
 * caller to read back. Requests are tried again by the client, three times in all. Thread-safe.
 */
final class S3Store implements ObjectStore {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final S3Client client;
    private final S3Address address;

    private S3Store(S3Client client, S3Address address) {
        this.client = client;
        this.address = address;
    }

    static S3Store at(S3Address address) {
        S3ClientBuilder builder = S3Client.builder()
                .httpClient(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(SILENCE)
                        .build())
                .region(Region.of(address.region()))
                .credentialsProvider(() -> AwsBasicCredentials.create(
                        address.keyId(), address.secret().get()))
                .serviceConfiguration(settings -> settings.pathStyleAccessEnabled(address.pathStyle())
                        // understood by every store, unlike chunks with a checksum at their end
                        .chunkedEncodingEnabled(false))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                // without a look at files and variables that belong to other programs
                .defaultsMode(software.amazon.awssdk.awscore.defaultsmode.DefaultsMode.STANDARD)
                .overrideConfiguration(settings -> settings.apiCallAttemptTimeout(address.timeout())
                        .addExecutionInterceptor(new Unasked())
                        .defaultProfileFile(software.amazon.awssdk.profiles.ProfileFile.aggregator()
                                .build()));
        address.endpoint().ifPresent(builder::endpointOverride);
        return new S3Store(builder.build(), address);
    }

    @Override
    public String place() {
        return "s3://" + address.bucket() + "/" + address.prefix();
    }

    private String key(String key) {
        return address.prefix() + key;
    }

    @Override
    public Upload begin(String key, long expectedBytes) {
        return new S3Upload(client, address, place(), key(key), expectedBytes);
    }

    @Override
    public void put(String key, byte[] content) throws IOException {
        S3Failures.send(
                place(),
                key,
                "writing " + key,
                () -> client.putObject(
                        request -> request.bucket(address.bucket())
                                .key(key(key))
                                .contentMD5(S3Upload.md5(content, content.length)),
                        RequestBody.fromBytes(content)));
    }

    @Override
    public Optional<byte[]> get(String key) throws IOException {
        try (InputStream in = open(key)) {
            return Optional.of(in.readAllBytes());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public InputStream open(String key) throws IOException {
        return new S3Input(
                S3Failures.send(
                        place(),
                        key,
                        "reading " + key,
                        () -> client.getObject(
                                request -> request.bucket(address.bucket()).key(key(key)))),
                place(),
                key);
    }

    @Override
    public SortedMap<String, Long> list(String prefix) throws IOException {
        SortedMap<String, Long> found = new TreeMap<>();
        S3Failures.send(place(), prefix, "listing " + prefix, () -> {
            client.listObjectsV2Paginator(
                            request -> request.bucket(address.bucket()).prefix(key(prefix)))
                    .contents()
                    .forEach(object ->
                            found.put(object.key().substring(address.prefix().length()), object.size()));
            return found;
        });
        return found;
    }

    @Override
    public void remove(String key) throws IOException {
        S3Failures.send(
                place(),
                key,
                "removing " + key,
                () -> client.deleteObject(
                        request -> request.bucket(address.bucket()).key(key(key))));
    }

    @Override
    public List<String> removeUnfinished(String prefix) throws IOException {
        List<String> removed = new ArrayList<>();
        List<MultipartUpload> begun = S3Failures.send(
                place(),
                prefix,
                "listing uploads of " + prefix,
                () -> client
                        .listMultipartUploadsPaginator(
                                request -> request.bucket(address.bucket()).prefix(key(prefix)))
                        .uploads()
                        .stream()
                        // not every store looks at the prefix here
                        .filter(upload -> upload.key().startsWith(key(prefix)))
                        .toList());
        for (MultipartUpload upload : begun) {
            S3Failures.send(
                    place(),
                    upload.key(),
                    "dropping an upload of " + upload.key(),
                    () -> client.abortMultipartUpload(request ->
                            request.bucket(address.bucket()).key(upload.key()).uploadId(upload.uploadId())));
            removed.add(upload.key().substring(address.prefix().length()));
        }
        return removed;
    }

    /** Sends content at once, without asking first whether it is wanted: some servers do not answer that. */
    private static final class Unasked implements ExecutionInterceptor {
        @Override
        public SdkHttpRequest modifyHttpRequest(Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
            return context.httpRequest().copy(request -> request.removeHeader("Expect"));
        }
    }
}
