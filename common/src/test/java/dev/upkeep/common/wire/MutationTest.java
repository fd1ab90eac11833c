package dev.upkeep.common.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.kafka.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damages good messages at random, by seeds that a failure prints: reading gives a value or a reason, and nothing else. */
class MutationTest {
    private static final List<String> PIECES = List.of(
            "null",
            "{}",
            "[]",
            "\"\"",
            "-1",
            "1e400",
            "NaN",
            "\u0000",
            "\ud800",
            "\ufeff",
            "\"type\":",
            "true",
            "9".repeat(60),
            "[".repeat(80),
            "\"P1M\"",
            "'; DROP TABLE x; --",
            "\\u0000",
            "\\ud800",
            "/*",
            "},{");

    static List<Message<?>> kinds() {
        return Message.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void readingADamagedMessageGivesAValueOrAReason(Message<?> kind) {
        byte[] good = golden(kind.name());
        for (int seed = 0; seed < 3_000; seed++) {
            byte[] damaged = damaged(good, new Random(seed));
            try {
                assertThat(Wire.read(damaged, kind.type())).isNotNull();
            } catch (Unreadable unreadable) {
                assertThat(unreadable.reason().message())
                        .as("seed %d", seed)
                        .isNotBlank()
                        .doesNotContain("dev.upkeep.", "com.fasterxml", "Exception", "Cannot ", "JsonToken");
            } catch (RuntimeException | StackOverflowError other) {
                throw new AssertionError("seed " + seed + " of " + kind.name(), other);
            }
        }
    }

    private static byte[] damaged(byte[] good, Random random) {
        String text = new String(good, StandardCharsets.UTF_8);
        int from = random.nextInt(text.length());
        int to = Math.min(text.length(), from + random.nextInt(12));
        return switch (random.nextInt(4)) {
            case 0 -> flipped(good, random);
            case 1 -> text.substring(0, from).getBytes(StandardCharsets.UTF_8);
            case 2 -> (text.substring(0, from) + text.substring(to)).getBytes(StandardCharsets.UTF_8);
            default ->
                (text.substring(0, from) + PIECES.get(random.nextInt(PIECES.size())) + text.substring(to))
                        .getBytes(StandardCharsets.UTF_8);
        };
    }

    private static byte[] flipped(byte[] good, Random random) {
        byte[] copy = good.clone();
        copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
        return copy;
    }

    private static byte[] golden(String name) {
        try {
            return Files.readAllBytes(GoldenTest.FILES.resolve(name + ".json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
