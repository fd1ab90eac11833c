package dev.upkeep.local.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.local.server.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpOptionsTest {
    private static final Path HOME = Path.of("/repository");

    @Test
    void keepsItsDataInTheRepositoryAndUsesTheUsualPorts() {
        UpOptions options = UpOptions.parse(HOME, List.of());

        assertThat(options.data()).isEqualTo(HOME.resolve(".upkeep/local"));
        assertThat(options.port(UpPort.KAFKA)).isEqualTo(9092);
        assertThat(options.port(UpPort.REPORTER)).isEqualTo(8083);
        assertThat(options.once()).isFalse();
    }

    @Test
    void takesWhatIsGiven() {
        UpOptions options = UpOptions.parse(
                HOME,
                List.of(
                        "--once",
                        "--reset",
                        "--data",
                        "/tmp/x",
                        "--scheduler-port",
                        "4711",
                        "--postgres-bin",
                        "/opt/pg/bin",
                        "--timeout",
                        "3"));

        assertThat(options.once()).isTrue();
        assertThat(options.reset()).isTrue();
        assertThat(options.data()).isEqualTo(Path.of("/tmp/x"));
        assertThat(options.port(UpPort.SCHEDULER)).isEqualTo(4711);
        assertThat(options.port(UpPort.EXECUTOR)).isEqualTo(8082);
        assertThat(options.postgresBin()).isEqualTo(Optional.of(Path.of("/opt/pg/bin")));
        assertThat(options.timeout()).isEqualTo(Duration.ofMinutes(3));
    }

    @Test
    void takesFreePortsExceptTheGivenOne() {
        UpOptions options = UpOptions.parse(HOME, List.of("--kafka-port", "4711", "--free-ports"));

        assertThat(options.port(UpPort.KAFKA)).isEqualTo(4711);
        assertThat(options.port(UpPort.SCHEDULER)).isNotEqualTo(8081).matches(Ports::isFree);
        assertThat(options.ports().values()).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({
        "--kafka-port 0, --kafka-port: 0 (must be a number from 1 to 65535)",
        "--kafka-port no, --kafka-port: no (must be a number from 1 to 65535)",
        "--data, --data: needs a value",
        "--data --once, --data: needs a value",
        "--twice, --twice: not an option",
    })
    void refusesWhatItCannotFollow(String words, String message) {
        assertThatThrownBy(() -> UpOptions.parse(HOME, List.of(words.split(" ", -1))))
                .isInstanceOf(UpOptions.BadOption.class)
                .hasMessageContaining(message);
    }
}
