package dev.upkeep.local.server;

import org.testcontainers.containers.PostgreSQLContainer;
import org.testcontainers.kafka.KafkaContainer;

/** The servers of {@link TestServers} as containers, which Testcontainers removes when the JVM has ended. Needs Docker. */
final class ContainerServers {
    private ContainerServers() {}

    static String kafka() {
        @SuppressWarnings("resource") // lives as long as the JVM
        KafkaContainer kafka = new KafkaContainer("apache/kafka:4.0.0")
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
        kafka.start();
        return kafka.getBootstrapServers().replaceFirst("^[A-Z_]+://", "");
    }

    static PostgresAddress postgres() {
        @SuppressWarnings("resource") // lives as long as the JVM
        PostgreSQLContainer<?> postgres = new PostgreSQLContainer<>("postgres:17")
                .withUsername(LocalPostgres.ADMIN)
                .withCommand(
                        "postgres",
                        "-c",
                        "fsync=off",
                        "-c",
                        "max_connections=200",
                        "-c",
                        "max_prepared_transactions=10");
        postgres.start();
        return new PostgresAddress(
                postgres.getHost(),
                postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                postgres.getUsername(),
                postgres.getPassword());
    }
}
