package dev.upkeep.reporter.history;

import static dev.upkeep.reporter.Messages.AT;
import static dev.upkeep.reporter.Messages.finding;
import static dev.upkeep.reporter.Messages.result;
import static dev.upkeep.reporter.Messages.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Outcome;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.Severity;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class PackedTest {
    @Test
    void givesBackTheBytesAsTheyCame() {
        byte[] document = "{ \"unknown\":  [1, 2], \"text\": \"žluťoučký\" }".getBytes(StandardCharsets.UTF_8);

        assertThat(Packed.document(Packed.of(document))).isEqualTo(document);
    }

    @Test
    void makesAResultAThirdOfItsSizeAtMost() {
        Result result = result(
                "watch",
                "telemetry",
                task(
                        "health-check",
                        Outcome.SUCCEEDED,
                        AT,
                        List.of(finding("dead-rows", Severity.WARNING, "events", "30 %")),
                        List.of(
                                Measurement.gauge("database_size", "bytes", 1e9),
                                Measurement.gauge("round_trip", "seconds", 0.002))),
                AT);

        assertThat(Packed.of(Wire.write(result))).hasSizeLessThan(Wire.write(result).length / 3);
        assertThat(Packed.read(Packed.of(Wire.write(result)), Result.class)).isEqualTo(result);
    }

    @Test
    void keepsWhatCannotBeMadeSmaller() {
        for (int length : List.of(0, 1, 100, 300_000)) {
            byte[] noise = new byte[length];
            new Random(length).nextBytes(noise);

            assertThat(Packed.document(Packed.of(noise))).isEqualTo(noise);
            assertThat(Packed.of(noise)).hasSizeLessThanOrEqualTo(length + 1);
        }
    }

    @Test
    void readsWhatWasWrittenBeforeDocumentsWerePacked() {
        byte[] document = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);

        assertThat(Packed.document(document)).isEqualTo(document);
    }

    @Test
    void saysThatADocumentCannotBeUnpacked() {
        byte[] cut = Arrays.copyOf(Packed.of("{\"a\": 1}".repeat(20).getBytes(StandardCharsets.UTF_8)), 8);

        assertThatThrownBy(() -> Packed.document(cut)).hasMessageContaining("cut short");
        assertThatThrownBy(() -> Packed.document(new byte[] {9, 1, 2})).hasMessageContaining("newer reporter, form 9");
    }

    /** Documents were written with it: another dictionary needs another form. */
    @Test
    void theFirstDictionaryNeverChanges() throws IOException {
        try (InputStream dictionary = Packed.class.getResourceAsStream("/packed/results-1.txt")) {
            CRC32 sum = new CRC32();
            sum.update(dictionary.readAllBytes());

            assertThat(Long.toHexString(sum.getValue())).isEqualTo("f8afb104");
        }
    }
}
