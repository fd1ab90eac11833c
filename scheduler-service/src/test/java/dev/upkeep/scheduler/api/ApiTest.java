package dev.upkeep.scheduler.api;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The service as a whole, over HTTP, with a real broker behind it. */
@QuarkusTest
@QuarkusTestResource(BrokerForApi.class)
class ApiTest {
    private static final String PROBLEM = "application/problem+json";

    @BeforeEach
    void becomesReady() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> when().get("/api/standing").path("role").equals("leader"));
        when().get("/q/health/ready").then().statusCode(200).body("checks[0].data.role", equalTo("leader"));
    }

    @Test
    void listsPoliciesWithTheirNextFiring() {
        when().get("/api/policies")
                .then()
                .statusCode(200)
                .body("policies.name", hasItem("night"))
                .body("errors", hasSize(0));
        when().get("/api/policies/night").then().statusCode(200).body("policy.schedule.zone", equalTo("Europe/Berlin"));
    }

    @Test
    void previewsFiringsAndDatabasesWithoutDoingAnything() {
        when().get("/api/policies/night/preview?firings=3")
                .then()
                .statusCode(200)
                .body("firings", hasSize(3))
                .body("databases", equalTo(1))
                .body("sample[0].database", equalTo("pg-1/audit"));
        given().contentType(ContentType.JSON)
                .body("{\"select\": {\"engines\": [\"postgresql\"]}, \"tasks\": [{\"type\": \"vacuum\"}]}")
                .post("/api/requests/preview")
                .then()
                .statusCode(200)
                .body("databases", equalTo(1));
    }

    @Test
    void answersARequestWithItsVerdict() {
        given().contentType(ContentType.JSON)
                .header("Idempotency-Key", "api-1")
                .body(
                        "{\"select\": {\"all\": true}, \"tasks\": [{\"type\": \"health-check\", \"profile\": \"quick\"}]}")
                .post("/api/requests")
                .then()
                .statusCode(200)
                .body("run", equalTo("api-1"))
                .body("status", equalTo("accepted"))
                .body("targets[0].status", equalTo("sent"));
        when().get("/api/runs/api-1").then().statusCode(200).body("databases", equalTo(1));
        when().get("/api/requests").then().body("run", hasItem("api-1"));
    }

    @Test
    void answersARejectedRequestWith422AndAConflictWith409() {
        String order =
                "{\"id\": \"api-2\", \"select\": {\"labels\": [\"env=moon\"]}, \"tasks\": [{\"type\": \"analyze\"}]}";
        given().contentType(ContentType.JSON)
                .body(order)
                .post("/api/requests")
                .then()
                .statusCode(422)
                .body("reasons[0].code", equalTo("empty-selection"));
        given().contentType(ContentType.JSON)
                .body(order.replace("analyze", "vacuum"))
                .post("/api/requests")
                .then()
                .statusCode(409);
    }

    @Test
    void answersNonsenseWithAProblem() {
        given().contentType(ContentType.JSON)
                .body("{\"select\": {\"all\": true}, \"tasks\": [{\"type\": \"reboot\"}]}")
                .post("/api/requests")
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("detail", containsString("unknown task reboot"));
        when().get("/api/policies/none").then().statusCode(404).contentType(PROBLEM);
        when().get("/api/runs/a b").then().statusCode(400).contentType(PROBLEM);
        given().contentType(ContentType.TEXT)
                .body("x")
                .post("/api/requests")
                .then()
                .statusCode(415);
    }

    @Test
    void runsAPolicyNowAndCancelsTheRun() {
        String run = given().contentType(ContentType.JSON)
                .body("{\"requestedBy\": \"ana\"}")
                .post("/api/policies/night/run")
                .then()
                .statusCode(200)
                .body("origin.name", equalTo("night"))
                .extract()
                .path("run");
        given().contentType(ContentType.JSON)
                .body("{\"reason\": \"wrong night\"}")
                .post("/api/runs/" + run + "/cancel")
                .then()
                .statusCode(200)
                .body("status", equalTo("ended"));
    }

    @Test
    void setsAHoldAndEndsIt() {
        given().contentType(ContentType.JSON)
                .body("{\"id\": \"audit-2026\", \"kind\": \"hold\", \"owner\": \"legal\", \"reason\": \"audit\","
                        + " \"until\": \"2099-01-01T00:00:00Z\"}")
                .post("/api/controls")
                .then()
                .statusCode(201);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> when().get("/api/controls").then().body("id", hasItem("audit-2026")));
        when().delete("/api/controls/audit-2026").then().statusCode(204);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> when().get("/api/controls").then().body("id", not(hasItem("audit-2026"))));
    }

    @Test
    void showsExecutorsMetricsAndItsOwnDescription() {
        when().get("/api/executors").then().statusCode(200).body("executor", hasItem("pg-1"));
        when().get("/api/executors/pg-1").then().body("databases[0].engine", equalTo("postgresql"));
        when().get("/metrics").then().statusCode(200).body(containsString("upkeep_scheduler_leader 1.0"));
        when().get("/openapi").then().statusCode(200).body(containsString("/api/runs/{run}/cancel"));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            GET,    /api/nothing,                          404, application/json, ''
            GET,    /api/runs/none,                        404, application/json, ''
            GET,    /api/requests/none,                    404, application/json, ''
            GET,    /api/executors/none,                   404, application/json, ''
            DELETE, /api/controls/none,                    404, application/json, ''
            GET,    /api/policies/NOT_A_NAME,              400, application/json, ''
            GET,    /api/policies/night/preview?firings=0, 400, application/json, ''
            GET,    /api/runs?limit=0,                     400, application/json, ''
            GET,    /api/runs?limit=many,                  404, application/json, ''
            PUT,    /api/policies,                         405, application/json, '{}'
            POST,   /api/requests,                         400, application/json, '{"select": '
            POST,   /api/requests,                         400, application/json, ''
            POST,   /api/requests,                         415, text/plain,       'x'
            POST,   /api/policies/night/run,               400, application/json, '{"dryRun": '
            POST,   /api/policies/night/run,               400, application/json, '{"dryRun": "maybe"}'
            POST,   /api/runs/none/cancel,                 404, application/json, '{}'
            POST,   /api/controls,                         400, application/json, '{"kind": "siesta", "owner": "a", "reason": "b", "until": "2099-01-01T00:00:00Z"}'
            POST,   /api/controls,                         400, application/json, '{"kind": "hold", "reason": "b", "until": "2099-01-01T00:00:00Z"}'
            """)
    void answersEveryMistakeWithAProblem(String method, String path, int status, String type, String body) {
        var call = given();
        if (!body.isEmpty()) {
            call.contentType(type).body(body);
        } else if (method.equals("POST")) {
            call.contentType(type);
        }
        call.request(method, path)
                .then()
                .statusCode(status)
                .contentType(PROBLEM)
                .body("status", equalTo(status))
                .body("detail", not(containsString("dev.upkeep")))
                .body("detail", not(containsString("java.")));
    }

    @Test
    void describesEveryPathThatItHasAndNoOther() {
        Map<String, Object> paths =
                given().accept("application/json").get("/openapi?format=json").path("paths");

        assertThat(paths.keySet())
                .containsExactlyInAnyOrder(
                        "/api/controls",
                        "/api/controls/{control}",
                        "/api/executors",
                        "/api/executors/{executor}",
                        "/api/policies",
                        "/api/policies/{policy}",
                        "/api/policies/{policy}/preview",
                        "/api/policies/{policy}/run",
                        "/api/requests",
                        "/api/requests/preview",
                        "/api/requests/{request}",
                        "/api/runs",
                        "/api/runs/{run}",
                        "/api/runs/{run}/cancel",
                        "/api/standing");
    }
}
