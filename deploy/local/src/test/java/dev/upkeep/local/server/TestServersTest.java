package dev.upkeep.local.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TestServersTest {
    @Test
    void givesTheSameServersToAllWhoAsk() {
        assertThat(TestServers.bootstrapServers()).isEqualTo(TestServers.bootstrapServers());
        assertThat(TestServers.postgres()).isEqualTo(TestServers.postgres());
    }

    @Test
    void givesEachNameOnce() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            names.add(TestServers.unique("x"));
        }

        assertThat(names).hasSize(1_000).allMatch(name -> name.matches("x_[a-z0-9_]+"));
    }
}
