package dev.upkeep.local.outside;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks a program over HTTP. */
record Page(String base) {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    boolean isThere(String path) throws IOException, InterruptedException {
        return get(path).statusCode() == 200;
    }

    /** The answer to one question; nothing if there is none. */
    JsonNode json(String path, String parameter, String value) {
        try {
            HttpResponse<byte[]> answer =
                    get(path + "?" + parameter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
            return answer.statusCode() == 200 ? Wire.readTree(answer.body()) : MissingNode.getInstance();
        } catch (IOException e) {
            return MissingNode.getInstance();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return MissingNode.getInstance();
        }
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }
}
