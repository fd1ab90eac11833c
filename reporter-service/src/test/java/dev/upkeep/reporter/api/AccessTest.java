package dev.upkeep.reporter.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.access.Problem;
import io.quarkus.runtime.StartupEvent;
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

class AccessTest {
    @TempDir
    Path folder;

    private Path tokens(String mode, String content) throws IOException {
        Path file = Files.writeString(folder.resolve("token"), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void refusesATokenFileThatOthersCanRead() throws IOException {
        Path file = tokens("rw-r--r--", "correct-horse-battery\n");

        assertThatThrownBy(() -> new Access(() -> Optional.of(file), "127.0.0.1"))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.api.token-file")
                .hasMessageContaining("can be read by other users; chmod 600 it");
    }

    @Test
    void refusesToListenBeyondThisHostWithoutAToken() {
        for (String host : new String[] {"0.0.0.0", "192.0.2.7", "::"}) {
            assertThatThrownBy(() -> new Access(Optional::empty, host).start(new StartupEvent()))
                    .isInstanceOf(InvalidValue.class)
                    .hasMessageContaining("upkeep.api.token-file");
        }
    }

    @Test
    void listensOnLoopbackWithoutATokenAndAnywhereWithOne() throws IOException {
        Path file = tokens("rw-------", "correct-horse-battery\n");

        for (String host : new String[] {"127.0.0.1", "::1", "localhost"}) {
            assertThatCode(() -> new Access(Optional::empty, host).start(new StartupEvent()))
                    .doesNotThrowAnyException();
        }
        assertThatCode(() -> new Access(() -> Optional.of(file), "0.0.0.0").start(new StartupEvent()))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesATokenThatCanBeGuessed() throws IOException {
        Path file = tokens("rw-------", "secret\n");

        assertThatThrownBy(() -> new Access(() -> Optional.of(file), "0.0.0.0"))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("at least 16");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            GET,  /api/results,     -,                            401
            GET,  /metrics,         -,                            401
            GET,  /openapi,         -,                            401
            GET,  /api/results,     Bearer looks-at-everythin,    401
            GET,  /api/results,     Basic looks-at-everything,    401
            GET,  /api/results,     Bearer looks-at-everything,   200
            GET,  /metrics,         Bearer runs-and-cancels-it,   200
            POST, /api/something,   Bearer looks-at-everything,   403
            POST, /api/something,   Bearer runs-and-cancels-it,   200
            GET,  /q/health/ready,  -,                            200
            """)
    void letsInWhoBringsATokenWhoseRoleCoversTheCall(String method, String path, String header, int status)
            throws Exception {
        Path file = tokens("rw-------", "viewer looks-at-everything\noperator runs-and-cancels-it\n");

        HttpResponse<String> answer =
                through(new Access(() -> Optional.of(file), "127.0.0.1"), method, path, Optional.ofNullable(header));

        assertThat(answer.statusCode()).isEqualTo(status);
        if (status != 200) {
            assertThat(answer.headers().firstValue("Content-Type")).contains(Problem.MEDIA_TYPE);
            assertThat(answer.body()).contains("\"status\":" + status);
        }
    }

    private static HttpResponse<String> through(
            Access access, String method, String path, Optional<String> authorization) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            Filters filters = new Filters();
            access.filters(filters);
            Router router = Router.router(vertx);
            filters.getFilters().forEach(filter -> router.route().handler(filter.getHandler()));
            router.route().handler(call -> call.end("come in"));
            HttpServer server = vertx.createHttpServer()
                    .requestHandler(router)
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + server.actualPort() + path))
                    .method(method, HttpRequest.BodyPublishers.noBody());
            authorization.ifPresent(value -> request.header("Authorization", value));
            return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
