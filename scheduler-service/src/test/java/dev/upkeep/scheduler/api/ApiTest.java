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
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
    void bindsARequestToTheDatabasesOfItsPreview() {
        String selection = "{\"select\": {\"engines\": [\"postgresql\"]}, \"tasks\": [{\"type\": \"analyze\"}]%s}";
        String bound = ", \"targetsHash\": \"%s\"";
        String hash = given().contentType(ContentType.JSON)
                .body(selection.formatted(""))
                .post("/api/requests/preview")
                .path("targetsHash");
        String ofPolicy = when().get("/api/policies/night/preview?databases=0").path("targetsHash");

        assertThat(ofPolicy).isEqualTo(hash).hasSize(64);
        given().contentType(ContentType.JSON)
                .body(selection.formatted(bound.formatted(hash)))
                .post("/api/requests")
                .then()
                .statusCode(200)
                .body("targets.database", equalTo(List.of("pg-1/audit")));
        given().contentType(ContentType.JSON)
                .body(selection.formatted(bound.formatted("0".repeat(64))))
                .post("/api/requests")
                .then()
                .statusCode(422)
                .body("reasons[0].code", equalTo("plan-drifted"))
                .body("reasons[0].message", containsString("preview again"));
        given().contentType(ContentType.JSON)
                .body("{\"targetsHash\": \"" + "0".repeat(64) + "\"}")
                .post("/api/policies/night/run")
                .then()
                .statusCode(422);
        given().contentType(ContentType.JSON)
                .body("{\"targetsHash\": \"" + ofPolicy + "\"}")
                .post("/api/policies/night/run")
                .then()
                .statusCode(200);
        given().contentType(ContentType.JSON)
                .body(selection.formatted(bound.formatted("short")))
                .post("/api/requests")
                .then()
                .statusCode(400)
                .body("detail", startsWith("targetsHash: short"));
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
    void refusesABodyThatIsTooLargeForItOrForKafkaAndGoesOn() {
        String table = "\"t" + "x".repeat(58) + "\"";
        String order = "{\"select\": {\"all\": true}, \"tasks\": [{\"type\": \"analyze\", \"tables\": [%s]}]}";

        given().contentType(ContentType.JSON)
                .body(order.formatted(String.join(",", Collections.nCopies(16_911, table))))
                .post("/api/requests")
                .then()
                .statusCode(413)
                .contentType(PROBLEM)
                .body("detail", containsString("too large for Kafka"));
        given().contentType(ContentType.JSON)
                .body(order.formatted(String.join(",", Collections.nCopies(40_000, table))))
                .post("/api/requests")
                .then()
                .statusCode(413);
        when().get("/api/policies").then().statusCode(200);
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
        when().get("/metrics")
                .then()
                .statusCode(200)
                .body(containsString("upkeep_scheduler_leader 1.0"))
                .body(containsString("upkeep_scheduler_rebuild_seconds_count 1"))
                .body(containsString("upkeep_scheduler_firing_lag_seconds_count 0"))
                .body(containsString("upkeep_scheduler_runs{status=\"accepted\""))
                .body(containsString("upkeep_scheduler_requests_total{verdict=\"accepted\""))
                .body(containsString("upkeep_scheduler_executors{state=\"online\""));
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET  | /api/runs?limit=many                           | limit: many (must be a whole number
            GET  | /api/runs?limit=                               | limit:
            GET  | /api/runs?limit=99999999999                    | limit: 99999999999 (must be a whole number
            GET  | /api/runs?limit=1001                           | limit: 1001 (must be between 1 and 1000)
            GET  | /api/runs?limit=1&limit=2                      | limit: 1,2 (must be given once)
            GET  | /api/runs?limt=5                               | limt: 5 (unknown parameter; known are: limit, policy, status)
            GET  | /api/runs?status=over                          | status: over (must be one of: accepted,
            GET  | /api/runs/none?limit=x                         | limit: x
            GET  | /api/runs/none?limit=10001                     | limit: 10001
            GET  | /api/runs/none?offset=-1                       | offset: -1
            GET  | /api/runs/none?offset=1e3                      | offset: 1e3
            GET  | /api/requests?limit=0                          | limit: 0
            GET  | /api/requests?limit=all                        | limit: all
            GET  | /api/requests/none?limit=1                     | limit: 1 (unknown parameter; there are none)
            GET  | /api/executors?limit=-1                        | limit: -1
            GET  | /api/executors?limit=ten                       | limit: ten
            GET  | /api/controls?over=maybe                       | over: maybe (must be true or false)
            GET  | /api/policies?limit=1                          | limit: 1 (unknown parameter
            GET  | /api/policies/night/preview?firings=101        | firings: 101
            GET  | /api/policies/night/preview?firings=some       | firings: some
            GET  | /api/policies/night/preview?databases=-1       | databases: -1
            GET  | /api/policies/night/preview?databases=all      | databases: all
            POST | /api/requests/preview?databases=10001          | databases: 10001
            POST | /api/requests/preview?databases=x              | databases: x
            POST | /api/policies/night/run?dryRun=true            | dryRun: true (unknown parameter
            GET  | /api/standing?verbose=1                        | verbose: 1 (unknown parameter
            """)
    void namesTheParameterOfAQueryThatItCannotTake(String method, String path, String detail) {
        var call = given();
        if (method.equals("POST")) {
            call.contentType(ContentType.JSON).body("{\"select\": {\"all\": true}, \"tasks\": []}");
        }
        call.request(method, path).then().statusCode(400).contentType(PROBLEM).body("detail", startsWith(detail));
    }

    @Test
    void checksEveryParameterOfEveryQueryThatItDescribes() {
        Map<String, Map<String, Map<String, Object>>> paths =
                given().get("/openapi?format=json").path("paths");
        Set<String> checked = new TreeSet<>();
        paths.forEach((template, operations) -> operations.forEach((method, operation) -> {
            if (operation.get("parameters") instanceof List<?> parameters) {
                for (Object each : parameters) {
                    Map<?, ?> parameter = (Map<?, ?>) each;
                    if ("query".equals(parameter.get("in")) && !"policy".equals(parameter.get("name"))) {
                        String name = String.valueOf(parameter.get("name"));
                        given().contentType(ContentType.JSON)
                                .body("{\"select\": {\"all\": true}, \"tasks\": []}")
                                .queryParam(name, "nonsense")
                                .request(
                                        method,
                                        template.replace("{policy}", "night").replaceAll("\\{\\w+}", "none"))
                                .then()
                                .statusCode(400)
                                .contentType(PROBLEM)
                                .body("detail", startsWith(name + ": nonsense"));
                        checked.add(template + " " + name);
                    }
                }
            }
        }));

        assertThat(checked).hasSize(10);
    }

    @Test
    void narrowsRunsByStatus() {
        when().get("/api/runs?status=accepted&limit=10").then().statusCode(200);
        when().get("/api/controls?over=true").then().statusCode(200);
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
