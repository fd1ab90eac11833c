package dev.upkeep.executor.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody comes in from elsewhere without a token, and the file that holds it is the executor's alone. */
class DoorTest {
    @TempDir
    private Path folder;

    private Path tokens(String permissions) throws IOException {
        Path file = Files.writeString(
                folder.resolve("tokens-" + permissions), "viewer looks-at-everything\nadmin lifts-the-holds-too\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void opensBeyondLoopbackOnlyWithAToken() throws IOException {
        Path file = tokens("rw-------");

        assertThatThrownBy(() -> new Door(Optional::empty, "0.0.0.0"))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.http.token-file");
        assertThatCode(() -> new Door(Optional::empty, "127.0.0.1")).doesNotThrowAnyException();
        assertThatCode(() -> new Door(() -> Optional.of(file), "0.0.0.0")).doesNotThrowAnyException();
    }

    @Test
    void refusesATokenThatOthersCanRead() throws IOException {
        Path file = tokens("rw-r--r--");

        assertThatThrownBy(() -> new Door(() -> Optional.of(file), "127.0.0.1"))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("must not be open to others");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            -,                            401
            Bearer looks-at-everythin,    401
            Basic looks-at-everything,    401
            Bearer looks-at-everything,   200
            Bearer lifts-the-holds-too,   200
            """)
    void letsInWhoBringsAToken(String header, int status) throws Exception {
        Path file = tokens("rw-------");
        Vertx vertx = Vertx.vertx();
        try {
            Filters filters = new Filters();
            new Door(() -> Optional.of(file), "127.0.0.1").stand(filters);
            Router router = Router.router(vertx);
            filters.getFilters().forEach(filter -> router.route().handler(filter.getHandler()));
            router.route().handler(call -> call.end("come in"));
            HttpServer server = vertx.createHttpServer()
                    .requestHandler(router)
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + "/metrics"));
            Optional.ofNullable(header).ifPresent(value -> request.header("Authorization", value));
            HttpResponse<String> answer =
                    HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(status);
            if (status == 401) {
                assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
