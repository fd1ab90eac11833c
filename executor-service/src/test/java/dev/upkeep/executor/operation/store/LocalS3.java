package dev.upkeep.executor.operation.store;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;

/** A server on this host that speaks S3 and keeps its objects as files in a folder; it can go away and come back. */
public final class LocalS3 {
    public static final String BUCKET = "upkeep";
    private static final String ID = "executor";
    public static final String SECRET = "not-for-production";

    private final Path folder;
    private final int port;
    private final BlobStoreContext context;
    private S3Proxy server;

    private LocalS3(Path folder, int port, BlobStoreContext context, S3Proxy server) {
        this.folder = folder;
        this.port = port;
        this.context = context;
        this.server = server;
    }

    public static LocalS3 in(Path folder) throws Exception {
        Files.createDirectories(folder);
        Properties settings = new Properties();
        settings.setProperty("jclouds.filesystem.basedir", folder.toString());
        BlobStoreContext context = ContextBuilder.newBuilder("filesystem")
                .credentials("identity", "credential")
                .overrides(settings)
                .build(BlobStoreContext.class);
        context.getBlobStore().createContainerInLocation(null, BUCKET);
        int port = freePort();
        return new LocalS3(folder, port, context, started(context.getBlobStore(), port));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static S3Proxy started(BlobStore objects, int port) throws Exception {
        S3Proxy server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:" + port))
                .awsAuthentication(AuthenticationType.AWS_V4, ID, SECRET)
                .build();
        server.start();
        return server;
    }

    public int port() {
        return port;
    }

    /** The file of an object under no prefix. */
    public Path file(String key) {
        return folder.resolve(BUCKET).resolve(key);
    }

    /** What the helper of archive_command is told of it. */
    public String walSettings(String keys, Path secret) {
        return "endpoint=http://127.0.0.1:" + port + "\nbucket=" + BUCKET + "\nkeys=" + keys + "\naccess-key-id=" + ID
                + "\nsecret-key-file=" + secret + "\n";
    }

    public void goAway() throws Exception {
        server.stop();
    }

    public void comeBack() throws Exception {
        server = started(context.getBlobStore(), port);
    }

    /** The store as an executor sees it. */
    public ObjectStore store() {
        return storeAt(port);
    }

    public static ObjectStore storeAt(int port) {
        return S3Store.at(address(port, SECRET));
    }

    static S3Address address(int port, String secret) {
        return new S3Address(
                Optional.of(URI.create("http://127.0.0.1:" + port)),
                "us-east-1",
                BUCKET,
                "",
                true,
                ID,
                () -> secret,
                S3Address.LEAST_PART,
                Duration.ofSeconds(20));
    }

    /** Ends it. */
    public void end() throws Exception {
        server.stop();
        context.close();
    }
}
