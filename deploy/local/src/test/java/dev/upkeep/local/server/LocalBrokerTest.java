package dev.upkeep.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBrokerTest {
    @TempDir
    Path folder;

    @Test
    void keepsItsRecordsAcrossStopAndKill() throws Exception {
        try (LocalBroker broker = LocalBroker.in(folder).start()) {
            createTopic(broker, "kept");
            send(broker, "kept", "first");
            int port = broker.port();

            broker.restart();
            send(broker, "kept", "second");
            broker.kill();
            boolean running = broker.isRunning();
            broker.start();

            assertThat(running).isFalse();
            assertThat(broker.port()).isEqualTo(port);
            assertThat(records(broker, "kept", 2)).containsExactly("first", "second");
        }
    }

    @Test
    void findsItsDataAgainOnAnotherPort() throws Exception {
        try (LocalBroker broker = LocalBroker.in(folder).start()) {
            createTopic(broker, "kept");
            send(broker, "kept", "value");
        }
        int other = Ports.free();

        try (LocalBroker broker = LocalBroker.in(folder).port(other).start()) {
            assertThat(broker.bootstrapServers()).isEqualTo("127.0.0.1:" + other);
            assertThat(records(broker, "kept", 1)).containsExactly("value");
        }
    }

    @Test
    void namesTheBusyPort() throws Exception {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            BrokerSetup setup = LocalBroker.in(folder).port(busy.getLocalPort());

            assertThatThrownBy(setup::start)
                    .hasMessageContaining("port " + busy.getLocalPort() + " for Kafka is in use");
        }
    }

    @Test
    void showsTheLogWhenTheBrokerRefusesItsSettings() {
        BrokerSetup setup = LocalBroker.in(folder).setting("num.partitions", "-5");

        assertThatThrownBy(setup::start)
                .isInstanceOfSatisfying(
                        LocalFailure.class, e -> assertThat(e.code()).isEqualTo(LocalFailure.Code.ENDED))
                .hasMessageContainingAll("Kafka ended with status", "num.partitions", "kafka.log");
    }

    @Test
    void runsTransactionsWithoutCreatingTopics() throws Exception {
        String topic = TestServers.unique("tx");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestServers.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get(30, TimeUnit.SECONDS);
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                    Map.of(
                            "bootstrap.servers",
                            TestServers.bootstrapServers(),
                            "transactional.id",
                            topic,
                            "max.block.ms",
                            "20000"),
                    new StringSerializer(),
                    new StringSerializer())) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(topic, "in a transaction")).get(20, TimeUnit.SECONDS);
                producer.commitTransaction();
            }

            assertThat(admin.listTopics().names().get(30, TimeUnit.SECONDS))
                    .contains(topic)
                    .doesNotContain(topic + "-other");
            assertThat(records(TestServers.bootstrapServers(), topic, 1)).containsExactly("in a transaction");
        }
    }

    private static void createTopic(LocalBroker broker, String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get(30, TimeUnit.SECONDS);
        }
    }

    private static void send(LocalBroker broker, String topic, String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get(30, TimeUnit.SECONDS);
        }
    }

    private static List<String> records(LocalBroker broker, String topic, int atLeast) {
        return records(broker.bootstrapServers(), topic, atLeast);
    }

    private static List<String> records(String bootstrap, String topic, int atLeast) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partition = List.of(new TopicPartition(topic, 0));
            consumer.assign(partition);
            consumer.seekToBeginning(partition);
            List<String> values = new java.util.ArrayList<>();
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (values.size() < atLeast && System.nanoTime() < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.value());
                }
            }
            return values;
        }
    }
}
