package dev.upkeep.reporter.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class SlicesTest {
    @Test
    void keepsTheOrderAndBothLimits() {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            records.add(record(i, i == 4 ? 100 : 10));
        }

        List<List<ConsumerRecord<String, byte[]>>> slices = Slices.of(records, 3, 60);

        assertThat(slices.stream().map(List::size)).containsExactly(3, 2, 3, 2);
        assertThat(slices.stream().flatMap(List::stream).map(ConsumerRecord::offset))
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    }

    @Test
    void aTombstoneWeighsNothing() {
        assertThat(Slices.of(List.of(new ConsumerRecord<>("topic", 0, 0, "key", (byte[]) null)), 1, 1))
                .hasSize(1);
        assertThat(Slices.of(List.of(), 1, 1)).isEmpty();
    }

    private static ConsumerRecord<String, byte[]> record(long offset, int bytes) {
        return new ConsumerRecord<>(
                "topic",
                0,
                offset,
                0L,
                org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                0,
                bytes,
                "key",
                new byte[bytes],
                new org.apache.kafka.common.header.internals.RecordHeaders(),
                java.util.Optional.empty());
    }
}
