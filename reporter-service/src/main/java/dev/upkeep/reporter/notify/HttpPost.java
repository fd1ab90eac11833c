package dev.upkeep.reporter.notify;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Posts JSON to one receiver. Any answer but 2xx counts as not taken; redirects are not followed. Thread-safe. */
final class HttpPost {
    private final String receiver;
    private final Duration timeout;
    private final HttpClient client;

    /**
     * @param receiver what the errors call it
     * @param timeout of the connection, and of the whole exchange
     */
    HttpPost(String receiver, Duration timeout) {
        this.receiver = receiver;
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .connectTimeout(timeout)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    HttpRequest.Builder request(URI url, byte[] body) {
        return HttpRequest.newBuilder(url)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }

    void send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<Void> response = client.send(request, HttpResponse.BodyHandlers.discarding());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(receiver + " answered " + response.statusCode());
        }
    }
}
