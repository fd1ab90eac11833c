package dev.upkeep.scheduler.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.upkeep.common.access.Problem;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every endpoint of the service's own description, called by every role; one without a case here fails. */
@QuarkusTest
@QuarkusTestResource(BrokerForApi.class)
@TestProfile(RolesTest.WithTokens.class)
class RolesTest {
    private static final List<String> ROLES = List.of("viewer", "operator", "admin");

    /** One token for each role. */
    public static final class WithTokens implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                Path file = Files.createTempFile("upkeep-tokens-", "");
                Files.writeString(
                        file,
                        ROLES.stream().map(role -> role + " " + token(role)).collect(Collectors.joining("\n")));
                return Map.of("upkeep.api.token-file", file.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * One endpoint.
     *
     * @param path as the description has it, with values in place of its parameters
     * @param least the least role that may call it
     * @param status what that role is answered: never 401 or 403
     */
    record Endpoint(String method, String template, String path, String body, String least, int status) {
        static Endpoint get(String template, int status) {
            return new Endpoint("GET", template, filled(template), "", "viewer", status);
        }

        static Endpoint change(String method, String template, String body, int status) {
            return new Endpoint(method, template, filled(template), body, "operator", status);
        }

        private static String filled(String template) {
            return template.replace("{policy}", "night").replaceAll("\\{\\w+}", "none");
        }

        @Override
        public String toString() {
            return method + " " + template;
        }
    }

    static Stream<Endpoint> endpoints() {
        return Stream.of(
                Endpoint.get("/api/controls", 200),
                Endpoint.change("POST", "/api/controls", "{}", 400),
                Endpoint.change("DELETE", "/api/controls/{control}", "", 404),
                Endpoint.get("/api/executors", 200),
                Endpoint.get("/api/executors/{executor}", 404),
                Endpoint.get("/api/policies", 200),
                Endpoint.get("/api/policies/{policy}", 200),
                Endpoint.get("/api/policies/{policy}/preview", 200),
                Endpoint.change("POST", "/api/policies/{policy}/run", "{\"dryRun\": true}", 200),
                Endpoint.get("/api/requests", 200),
                Endpoint.change("POST", "/api/requests", "{\"cancel\": \"none\"}", 422),
                new Endpoint(
                        "POST",
                        "/api/requests/preview",
                        "/api/requests/preview",
                        "{\"select\": {\"all\": true}, \"tasks\": [{\"type\": \"analyze\"}]}",
                        "viewer",
                        200),
                Endpoint.get("/api/requests/{request}", 404),
                Endpoint.get("/api/runs", 200),
                Endpoint.get("/api/runs/{run}", 404),
                Endpoint.change("POST", "/api/runs/{run}/cancel", "{}", 404),
                Endpoint.get("/api/standing", 200));
    }

    private static String token(String role) {
        return "the-token-of-" + role + "-0123456789";
    }

    private static Response call(String role, String method, String path, String body) {
        var call = given().urlEncodingEnabled(false);
        if (!role.isEmpty()) {
            call.header("Authorization", "Bearer " + token(role));
        }
        if (!body.isEmpty()) {
            call.contentType(ContentType.JSON).body(body);
        }
        return call.request(method, path);
    }

    private static Response post(String role, String path, String body) {
        return call(role, "POST", path, body);
    }

    @BeforeEach
    void becomesReady() {
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        call("viewer", "GET", "/api/standing", "").path("role").equals("leader"));
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void answersTheRolesThatMayCallItAndNoOther(Endpoint endpoint) {
        for (String nobody : List.of("", "stranger")) {
            call(nobody, endpoint.method(), endpoint.path(), endpoint.body())
                    .then()
                    .statusCode(401)
                    .contentType(Problem.MEDIA_TYPE)
                    .body("status", equalTo(401));
        }
        for (String role : ROLES) {
            Response answer = call(role, endpoint.method(), endpoint.path(), endpoint.body());
            if (ROLES.indexOf(role) < ROLES.indexOf(endpoint.least())) {
                answer.then()
                        .statusCode(403)
                        .contentType(Problem.MEDIA_TYPE)
                        .body("status", equalTo(403))
                        .body("detail", containsString("has the role " + role))
                        .body("detail", containsString("needs " + endpoint.least()));
            } else {
                answer.then().statusCode(endpoint.status());
            }
        }
    }

    @Test
    void everyEndpointHasACaseAndSaysWhichRoleItNeeds() {
        Map<String, Map<String, Map<String, Object>>> paths = given().header(
                        "Authorization", "Bearer " + token("viewer"))
                .get("/openapi?format=json")
                .path("paths");
        Set<String> described = new TreeSet<>();
        paths.forEach((path, operations) -> operations.forEach((method, operation) -> described.add(
                method.toUpperCase(java.util.Locale.ROOT) + " " + path + " " + operation.get("x-upkeep-role"))));

        assertThat(described)
                .isEqualTo(endpoints()
                        .map(endpoint -> endpoint + " " + endpoint.least())
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void everyEndpointDescribesTheTokenAndItsProblems() {
        Response openapi =
                given().header("Authorization", "Bearer " + token("viewer")).get("/openapi?format=json");

        assertThat(openapi.<String>path("components.securitySchemes.token.scheme"))
                .isEqualTo("bearer");
        Map<String, Map<String, Map<String, Object>>> paths = openapi.path("paths");
        paths.values()
                .forEach(operations -> operations.forEach((method, operation) -> {
                    Set<String> answers = new TreeSet<>();
                    ((Map<?, ?>) operation.get("responses"))
                            .keySet()
                            .forEach(status -> answers.add(String.valueOf(status)));
                    assertThat(operation).containsKey("security");
                    assertThat(answers).contains("400", "401");
                    if (!operation.get("x-upkeep-role").equals("viewer")) {
                        assertThat(answers).contains("403", "429");
                    }
                }));
    }

    @Test
    void onlyAnAdminOrdersByHandWhatRemovesData() {
        String purge = "{\"select\": {\"all\": true}, \"dryRun\": %s, \"tasks\": [{\"type\": \"purge\", \"rules\":"
                + " [{\"table\": \"t\", \"column\": \"c\", \"keep\": \"90d\"}]}]}";

        post("operator", "/api/requests", purge.formatted("false"))
                .then()
                .statusCode(403)
                .contentType(Problem.MEDIA_TYPE)
                .body("detail", containsString("remove data"))
                .body("detail", containsString("needs admin"));
        post("operator", "/api/requests", purge.formatted("true")).then().statusCode(200);
        post("admin", "/api/requests", purge.formatted("false")).then().statusCode(200);
    }

    @Test
    void onlyAnAdminEndsOrReplacesAHold() {
        String control = "{\"id\": \"%s\", \"kind\": \"%s\", \"owner\": \"legal\", \"reason\": \"audit\","
                + " \"until\": \"2099-01-01T00:00:00Z\"}";
        for (String kind : List.of("hold", "pause")) {
            post("operator", "/api/controls", control.formatted("a-" + kind, kind))
                    .then()
                    .statusCode(201);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> call("viewer", "GET", "/api/controls", "")
                            .<List<String>>path("id")
                            .contains("a-" + kind));
        }

        post("operator", "/api/controls", control.formatted("a-hold", "pause"))
                .then()
                .statusCode(403)
                .body("detail", containsString("to end or replace a hold needs admin"));
        call("operator", "DELETE", "/api/controls/a-hold", "")
                .then()
                .statusCode(403)
                .contentType(Problem.MEDIA_TYPE);
        call("operator", "DELETE", "/api/controls/a-pause", "").then().statusCode(204);
        call("admin", "DELETE", "/api/controls/a-hold", "").then().statusCode(204);
    }
}
