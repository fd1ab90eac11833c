package dev.upkeep.common.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused, and whether a person can see why. */
class ReadingTest {
    private static Request read(String json) throws Unreadable {
        return Wire.read(json.getBytes(StandardCharsets.UTF_8), Request.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{nonsense | MALFORMED | not JSON",
                "{\"policy\":\"a\"} {} | MALFORMED | not JSON",
                "{\"policy\":\"a\",\"policy\":\"b\"} | MALFORMED | Duplicate field",
                "[] | INVALID | a request must be a JSON object",
                "\"text\" | INVALID | a request must be a JSON object",
                "{} | INVALID | exactly one of tasks, policy or cancel; this one has none",
                "{\"policy\":\"a\",\"cancel\":\"b\"} | INVALID | this one has cancel and policy",
                "{\"policy\":\"Not A Policy\"} | INVALID | policy: Not A Policy (must be 1 to 63 lower-case",
                "{\"policy\":7} | INVALID | policy: ",
                "{\"policy\":\"a\",\"dryRun\":\"yes\"} | INVALID | dryRun: is not true or false",
                "{\"policy\":\"a\",\"dryRun\":1} | INVALID | dryRun: ",
                "{\"policy\":\"a\",\"id\":\"a@b\"} | INVALID | id: a@b (must be",
                "{\"select\":{\"all\":true},\"tasks\":[{\"type\":\"drop-table\"}]} | UNKNOWN_TASK | tasks[0]: unknown task drop-table; known are: health-check,",
                "{\"select\":{\"all\":true},\"tasks\":[{\"typ\":\"vacuum\"}]} | INVALID | a task needs a type",
                "{\"select\":{\"all\":true},\"tasks\":[{\"type\":\"vacuum\",\"mode\":\"hard\"}]} | INVALID | must be one of: auto, plain, freeze, full, incremental",
                "{\"select\":{\"all\":true},\"tasks\":[{\"type\":\"vacuum\",\"pages\":1.5}]} | INVALID | pages: ",
                "{\"select\":{\"all\":true},\"tasks\":[{\"type\":\"vacuum\",\"onFailure\":\"panic\"}]} | INVALID | must be one of: stop, continue",
                "{\"select\":{\"all\":true},\"tasks\":[]} | INVALID | tasks: [] (must name at least one)",
                "{\"select\":{\"all\":true},\"tasks\":\"vacuum\"} | INVALID | tasks: ",
                "{\"tasks\":[{\"type\":\"vacuum\"}]} | INVALID | select: absent (is required)",
                "{\"select\":{},\"tasks\":[{\"type\":\"vacuum\"}]} | INVALID | must name labels, engines, databases or executors",
                "{\"select\":{\"labels\":[\"env==\"]},\"tasks\":[{\"type\":\"vacuum\"}]} | INVALID | must be key=value",
                "{\"select\":{\"all\":true},\"startWithin\":15,\"tasks\":[{\"type\":\"vacuum\"}]} | INVALID | startWithin: is not a duration",
                "{\"select\":{\"all\":true},\"startWithin\":\"P1M\",\"tasks\":[{\"type\":\"vacuum\"}]} | INVALID | months and years have no fixed length",
                "{\"select\":{\"all\":true},\"startWithin\":\"-5m\",\"tasks\":[{\"type\":\"vacuum\"}]} | INVALID | startWithin: ",
            })
    void saysWhatIsWrongAndWhatWasExpected(String json, Code code, String message) {
        assertThatThrownBy(() -> read(json)).isInstanceOfSatisfying(Unreadable.class, unreadable -> {
            assertThat(unreadable.reason().code()).isEqualTo(code);
            assertThat(unreadable.reason().message()).contains(message).doesNotContain("dev.upkeep", "java.");
        });
    }

    @ParameterizedTest
    @CsvSource({"0s", "-1d", "P0D", "P36526D", "30", "PT", "1e9d", "''", "999999999999w"})
    void refusesARetentionThatIsNoRetention(String keep) {
        assertThatThrownBy(() -> purge(keep)).isInstanceOf(Unreadable.class);
    }

    @Test
    void readsBothFormsOfDurations() throws Unreadable {
        assertThat(purge("90d").keep()).isEqualTo(purge("P90D").keep()).isEqualTo(Duration.ofDays(90));
    }

    @ParameterizedTest
    @CsvSource({
        "'x\"; DROP TABLE y; --'",
        "'public.t WHERE 1=1'",
        "'a.b.c'",
        "''",
        "'.t'",
        "'t.'",
        "'1t'",
        "'t;'",
        "'\"\"'",
        "'t\u0000'",
        "'abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd'"
    })
    void refusesATableNameThatCouldBeSql(String table) {
        assertThatThrownBy(() -> rule(table, "90d")).isInstanceOf(Unreadable.class);
    }

    @ParameterizedTest
    @CsvSource({"events", "public.events", "user", "'\"My Table\"'", "'audit.\"Order-Items\"'", "größe"})
    void readsTableNamesAsPeopleWriteThem(String table) throws Unreadable {
        assertThat(rule(table, "90d").table().text()).isEqualTo(table);
    }

    @Test
    void refusesWhatIsNestedTooDeep() {
        String json = "{\"policy\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";

        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        Unreadable.class,
                        unreadable -> assertThat(unreadable.reason().code()).isEqualTo(Code.MALFORMED));
    }

    @Test
    void refusesBytesThatAreNoText() {
        byte[] bytes = {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'};

        assertThatThrownBy(() -> Wire.read(bytes, Request.class)).isInstanceOf(Unreadable.class);
        assertThatThrownBy(() -> Wire.read(new byte[0], Request.class)).isInstanceOf(Unreadable.class);
        assertThatThrownBy(() -> Wire.read("null".getBytes(StandardCharsets.UTF_8), Request.class))
                .isInstanceOf(Unreadable.class);
    }

    @Test
    void refusesWhatIsLargerThanOneMebibyte() {
        byte[] bytes = new byte[Wire.LARGEST_READ + 1];

        assertThatThrownBy(() -> Wire.read(bytes, Request.class))
                .isInstanceOfSatisfying(
                        Unreadable.class,
                        unreadable -> assertThat(unreadable.reason().code()).isEqualTo(Code.OVERSIZED));
    }

    @ParameterizedTest
    @CsvSource({
        "+999999999-12-31T23:59:59Z",
        "-999999999-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
        "0000-12-31T23:59:59Z",
        "2026-11-21",
        "2026-11-21T02:00:00",
        "2026-11-21 02:00:00Z",
        "2026-02-30T02:00:00Z",
        "1700000000"
    })
    void refusesATimeThatNobodyMeans(String time) {
        byte[] cancel = ("{\"command\":\"run/db\",\"executor\":\"db7\",\"issuedAt\":\"" + time + "\"}")
                .getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> Wire.read(cancel, Cancel.class))
                .isInstanceOf(Unreadable.class)
                .hasMessageContaining("issuedAt: ")
                .hasMessageContaining(time);
    }

    @Test
    void makesOnePrintableLineOfWhatPeopleSay() throws Unreadable {
        byte[] cancel = "{\"command\":\"run/db\",\"executor\":\"db7\",\"issuedAt\":\"2026-11-21T02:00:00Z\","
                .concat("\"requestedBy\":\"ana\\r\\nERROR all is lost\",\"reason\":\"\\u001b[31mred\\u202e\"}")
                .getBytes(StandardCharsets.UTF_8);

        Cancel read = Wire.read(cancel, Cancel.class);

        assertThat(read.requestedBy()).contains("ana??ERROR all is lost");
        assertThat(read.reason()).contains("?[31mred?");
    }

    @Test
    void ignoresFieldsThatItDoesNotKnow() throws Unreadable {
        Request request = read("{\"policy\":\"a\",\"colour\":\"green\"}");

        assertThat(request).isInstanceOf(Request.RunPolicy.class);
    }

    @Test
    void refusesUnknownKeysInFilesThatPeopleWrite() {
        byte[] yaml = "{type: vacuum, analyse: true}".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> Wire.readYaml(yaml, Step.class))
                .isInstanceOf(Unreadable.class)
                .hasMessageContaining("analyse")
                .hasMessageContaining("known are");
    }

    private static Purge.Rule purge(String keep) throws Unreadable {
        return rule("events", keep);
    }

    private static Purge.Rule rule(String table, String keep) throws Unreadable {
        String json = Wire.tree(Map.of("table", table, "column", "created_at", "keep", keep))
                .toString();
        return Wire.read(json.getBytes(StandardCharsets.UTF_8), Purge.Rule.class);
    }
}
