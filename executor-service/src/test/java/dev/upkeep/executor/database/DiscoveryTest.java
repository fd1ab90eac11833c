package dev.upkeep.executor.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryTest {
    @TempDir
    Path folder;

    private static final class Heard extends Handler {
        final List<String> messages = new ArrayList<>();

        @Override
        public void publish(LogRecord message) {
            messages.add(message.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void saysOnceFromWhichFileOnNobodyCares() throws Exception {
        for (int i = 0; i < 1_002; i++) {
            Files.write(
                    folder.resolve("%04d.db".formatted(i)),
                    "SQLite format 3\0 and more".getBytes(StandardCharsets.US_ASCII));
        }
        Databases all = new Databases(List.of());
        DiscoveryConfig config = new SmallRyeConfigBuilder()
                .withMapping(DiscoveryConfig.class)
                .withSources(new PropertiesConfigSource(
                        Map.of("upkeep.discovery.sqlite.apps.root", folder.toString()), "test", 100))
                .build()
                .getConfigMapping(DiscoveryConfig.class);
        Discovery discovery = new Discovery(config, List.of(), all);
        Logger log = Logger.getLogger(Discovery.class.getName());
        Heard heard = new Heard();
        log.addHandler(heard);

        try {
            discovery.look();
            discovery.look();
        } finally {
            log.removeHandler(heard);
        }

        assertThat(all.all()).hasSize(1_000);
        assertThat(heard.messages)
                .singleElement()
                .satisfies(message -> assertThat(message)
                        .contains(
                                "more than 1000 databases under " + folder,
                                "from 1000.db on",
                                "upkeep.discovery.sqlite.apps."));
    }
}
