package dev.upkeep.reporter.notify;

import static dev.upkeep.reporter.Messages.AT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.result.Severity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LetterTest {
    @Test
    void nothingOfAnAlertBecomesAHeader() {
        Letter letter = Letter.of(List.of(alert("disk\r\nBcc: all@example.org", "full")));

        assertThat(letter.subject()).doesNotContain("\r", "\n").contains("disk??Bcc");
    }

    @Test
    void nothingOfAnAlertBecomesMarkup() {
        Letter letter = Letter.of(List.of(alert("<script>alert(1)</script>", "a & \"b\" <img src=x>")));

        assertThat(letter.html()).doesNotContain("<script", "<img").contains("&lt;script&gt;", "a &amp; &quot;b&quot;");
        assertThat(letter.text()).contains("<img src=x>");
    }

    @Test
    void severalAlertsShareOneLetterThatCountsThem() {
        Letter letter = Letter.of(List.of(alert("first", "a"), alert("second", "b")));

        assertThat(letter.subject()).isEqualTo("[Upkeep] 2 firing, 0 resolved");
        assertThat(letter.text()).contains("first", "second");
    }

    private static Alert alert(String summary, String description) {
        return new Alert(
                "00c0ffee00c0ffee",
                "critical-finding",
                Severity.CRITICAL,
                Alert.Status.FIRING,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                summary,
                description,
                AT,
                Optional.empty(),
                Optional.of("docs/alerts.md#critical-finding"));
    }
}
