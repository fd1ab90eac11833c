package dev.upkeep.scheduler.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The door: no start on an open address without a token, and no call without it. */
class AccessTest {
    private static final String TOKEN = "correct-horse-battery-staple";

    @TempDir
    private Path folder;

    private record Config(Optional<Path> tokenFile, int changesPerMinute, Duration verdictWithin)
            implements ApiConfig {}

    private static Access access(Optional<Path> tokenFile, String host, int changes) {
        return new Access(new Config(tokenFile, changes, Duration.ofSeconds(1)), host);
    }

    private Path tokenFile(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("token"), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void refusesATokenFileThatOthersCanRead() throws IOException {
        Path file = tokenFile(TOKEN + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> access(Optional.of(file), "127.0.0.1", 10))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("upkeep.api.token-file")
                .hasMessageContaining("can be read by other users; chmod 600 it");
    }

    @Test
    void takesANewTokenWithoutARestartAndTheOldOneNoMore() throws Exception {
        Path file = tokenFile(TOKEN + "\n");
        try (Door door = new Door(access(Optional.of(file), "127.0.0.1", 10))) {
            assertThat(door.call("GET", "/api/policies", Optional.of("Bearer " + TOKEN))
                            .statusCode())
                    .isEqualTo(200);

            tokenFile("viewer another-horse-battery\n");

            await().until(() -> door.call("GET", "/api/policies", Optional.of("Bearer another-horse-battery"))
                            .statusCode()
                    == 200);
            assertThat(door.call("GET", "/api/policies", Optional.of("Bearer " + TOKEN))
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "10.1.2.3", "no-such-host.invalid"})
    void refusesToStartOnAnAddressThatOthersCanReachWithoutAToken(String host) {
        assertThatThrownBy(() -> access(Optional.empty(), host, 10).begin(new StartupEvent()))
                .isInstanceOf(InvalidValue.class)
                .hasMessageContaining("quarkus.http.host: " + host)
                .hasMessageContaining("upkeep.api.token-file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "::1"})
    void startsOnALoopbackAddressWithoutAToken(String host) {
        assertThatCode(() -> access(Optional.empty(), host, 10).begin(new StartupEvent()))
                .doesNotThrowAnyException();
    }

    @Test
    void startsAnywhereWithAToken() throws IOException {
        Path file = tokenFile(TOKEN + "\n");

        assertThatCode(() -> access(Optional.of(file), "0.0.0.0", 10).begin(new StartupEvent()))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesATokenThatIsShortOrNotThere() throws IOException {
        Path file = tokenFile("short\n");
        Path none = folder.resolve("none");

        assertThatThrownBy(() -> access(Optional.of(file), "127.0.0.1", 10))
                .hasMessageContaining("at least 16 characters");
        assertThatThrownBy(() -> access(Optional.of(none), "127.0.0.1", 10))
                .hasMessageContaining("must be a readable file");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            GET,    /api/policies,   -,                                     401
            GET,    /api/policies,   Bearer wrong-horse-battery-staple,     401
            GET,    /api/policies,   Bearer correct-horse-battery-stapl,    401
            GET,    /api/policies,   correct-horse-battery-staple,          401
            GET,    /api/policies,   Basic correct-horse-battery-staple,    401
            POST,   /api/controls,   -,                                     401
            GET,    /metrics,        -,                                     401
            GET,    /openapi,        -,                                     401
            GET,    /api/../q/health/../../api/runs, -,                     401
            GET,    /api/policies,   Bearer correct-horse-battery-staple,   200
            POST,   /api/controls,   Bearer correct-horse-battery-staple,   200
            GET,    /q/health/ready, -,                                     200
            """)
    void admitsNobodyWithoutTheTokenExceptToHealth(String method, String path, String header, int status)
            throws Exception {
        Path file = tokenFile(TOKEN + "\n");
        try (Door door = new Door(access(Optional.of(file), "127.0.0.1", 10))) {
            HttpResponse<String> answer = door.call(method, path, Optional.ofNullable(header));

            assertThat(answer.statusCode()).isEqualTo(status);
            if (status == 401) {
                assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
                assertThat(answer.headers().firstValue("Content-Type")).contains(Problem.MEDIA_TYPE);
                assertThat(answer.body()).contains("\"status\":401").doesNotContain(TOKEN);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            GET,    /api/policies,                    200, 200, 200
            HEAD,   /api/policies,                    200, 200, 200
            GET,    /metrics,                         200, 200, 200
            POST,   /api/requests/preview,            200, 200, 200
            POST,   /api/requests,                    403, 200, 200
            POST,   /api/requests/preview/../,        403, 200, 200
            POST,   /api/requests/preview/more,       403, 200, 200
            DELETE, /api/requests/preview/..,         403, 200, 200
            POST,   /api/something-new,               403, 200, 200
            PUT,    /metrics,                         403, 200, 200
            PATCH,  /,                                403, 200, 200
            """)
    void letsEachRoleDoWhatItMay(String method, String path, int viewer, int operator, int admin) throws Exception {
        Path file = tokenFile("viewer looks-at-everything\noperator runs-and-cancels-it\nadmin lifts-the-holds-too\n");
        try (Door door = new Door(access(Optional.of(file), "127.0.0.1", 100))) {
            HttpResponse<String> looked = door.call(method, path, Optional.of("Bearer looks-at-everything"));

            assertThat(looked.statusCode()).isEqualTo(viewer);
            if (viewer == 403) {
                assertThat(looked.headers().firstValue("Content-Type")).contains(Problem.MEDIA_TYPE);
                assertThat(looked.body())
                        .contains("\"status\":403", "The token has the role viewer; this call needs operator.");
            }
            assertThat(door.call(method, path, Optional.of("Bearer runs-and-cancels-it"))
                            .statusCode())
                    .isEqualTo(operator);
            assertThat(door.call(method, path, Optional.of("Bearer lifts-the-holds-too"))
                            .statusCode())
                    .isEqualTo(admin);
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            POST, http://evil.example,        403
            POST, http://evil.example:8081,   403
            POST, null,                       403
            POST, 'not a, place',             403
            POST, http://localhost:3000,      200
            POST, http://127.0.0.1:8081,      200
            GET,  http://evil.example,        200
            """)
    void takesNoChangesFromPagesOfOtherHostsWhereThereIsNoToken(String method, String origin, int status)
            throws Exception {
        try (Door door = new Door(access(Optional.empty(), "127.0.0.1", 100))) {
            assertThat(door.send(method, "/api/policies/night/run", "Origin", origin)
                            .statusCode())
                    .isEqualTo(status);
        }
    }

    @Test
    void countsNoChangeThatItRefuses() throws Exception {
        Path file = tokenFile("viewer looks-at-everything\noperator runs-and-cancels-it\n");
        try (Door door = new Door(access(Optional.of(file), "127.0.0.1", 1))) {
            for (int i = 0; i < 5; i++) {
                door.call("POST", "/api/controls", Optional.of("Bearer looks-at-everything"));
            }

            assertThat(door.call("POST", "/api/controls", Optional.of("Bearer runs-and-cancels-it"))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void takesOnlySoManyChangesPerMinuteAndAnyNumberOfLooks() throws Exception {
        try (Door door = new Door(access(Optional.empty(), "127.0.0.1", 0))) {
            assertThat(door.call("POST", "/api/controls", Optional.empty()).statusCode())
                    .isEqualTo(429);
            assertThat(door.call("POST", "/api/controls", Optional.empty())
                            .headers()
                            .firstValue("Retry-After"))
                    .contains("60");
            assertThat(door.call("GET", "/api/controls", Optional.empty()).statusCode())
                    .isEqualTo(200);
        }
    }

    /** A server with nothing behind the door but a greeting. */
    private static final class Door implements AutoCloseable {
        private final Vertx vertx = Vertx.vertx();
        private final HttpServer server;

        Door(Access access) throws Exception {
            Filters filters = new Filters();
            access.filter(filters);
            Router router = Router.router(vertx);
            filters.getFilters().forEach(filter -> router.route().handler(filter.getHandler()));
            router.route().handler(call -> call.end("come in"));
            server = vertx.createHttpServer()
                    .requestHandler(router)
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
        }

        HttpResponse<String> call(String method, String path, Optional<String> authorization) throws Exception {
            HttpRequest.Builder request = request(method, path);
            authorization.ifPresent(value -> request.header("Authorization", value));
            return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        }

        HttpResponse<String> send(String method, String path, String header, String value) throws Exception {
            return HttpClient.newHttpClient()
                    .send(request(method, path).header(header, value).build(), HttpResponse.BodyHandlers.ofString());
        }

        private HttpRequest.Builder request(String method, String path) {
            return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path))
                    .method(method, HttpRequest.BodyPublishers.noBody());
        }

        @Override
        public void close() {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
