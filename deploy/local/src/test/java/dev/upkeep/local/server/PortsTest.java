package dev.upkeep.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void givesEachPortOnce() {
        Set<Integer> ports =
                IntStream.range(0, 50).map(i -> Ports.free()).boxed().collect(Collectors.toSet());

        assertThat(ports).hasSize(50).allMatch(Ports::isFree);
    }

    @Test
    void namesABusyPortAndItsPurpose() throws Exception {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            int port = busy.getLocalPort();

            assertThatThrownBy(() -> Ports.requireFree("Kafka", port))
                    .isInstanceOfSatisfying(
                            LocalFailure.class, e -> assertThat(e.code()).isEqualTo(LocalFailure.Code.PORT_BUSY))
                    .hasMessageContaining("port " + port + " for Kafka is in use")
                    .hasMessageContaining("give another port");
            assertThat(Ports.listens(port)).isTrue();
        }
    }

    @Test
    void acceptsAFreePort() {
        int port = Ports.free();

        assertThatCode(() -> Ports.requireFree("Kafka", port)).doesNotThrowAnyException();
        assertThat(Ports.listens(port)).isFalse();
    }

    @Test
    void waitsForAPortThatIsAboutToBeLeft() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            int port = other.getLocalPort();
            assertThatThrownBy(() -> Ports.requireFree("Kafka", port, Duration.ofMillis(50)))
                    .isInstanceOf(LocalFailure.class);
            CompletableFuture<Void> left = CompletableFuture.runAsync(() -> close(other));

            assertThatCode(() -> Ports.requireFree("Kafka", port, Duration.ofSeconds(30)))
                    .doesNotThrowAnyException();

            assertThat(left).succeedsWithin(Duration.ofSeconds(30));
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
