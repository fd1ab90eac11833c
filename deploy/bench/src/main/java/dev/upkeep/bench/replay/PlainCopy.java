package dev.upkeep.bench.replay;

import dev.upkeep.common.kafka.KafkaSettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** The named alternative: every record's bytes into a table of one SQLite file, a transaction per poll, nothing looked at. */
record PlainCopy(KafkaSettings settings, String topic) {
    /** Copies all that is on the topic; returns records per second. */
    double run(Path folder) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("history.db"));
                Consumer<String, byte[]> consumer = new KafkaConsumer<>(with("max.poll.records", 2_000))) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode = WAL");
                statement.execute("PRAGMA synchronous = NORMAL");
                statement.execute("CREATE TABLE record (id INTEGER PRIMARY KEY, key TEXT, value BLOB)");
            }
            connection.setAutoCommit(false);
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            long copied = 0;
            long start = System.nanoTime();
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO record (key, value) VALUES (?, ?)")) {
                while (copied < end) {
                    ConsumerRecords<String, byte[]> polled = consumer.poll(Duration.ofSeconds(1));
                    for (ConsumerRecord<String, byte[]> record : polled) {
                        insert.setString(1, record.key());
                        insert.setBytes(2, record.value());
                        insert.addBatch();
                    }
                    insert.executeBatch();
                    connection.commit();
                    copied += polled.count();
                }
            }
            return copied / ((System.nanoTime() - start) / 1e9);
        }
    }

    private Map<String, Object> with(String key, Object value) {
        Map<String, Object> consumer = settings.consumer();
        consumer.put(key, value);
        return consumer;
    }
}
