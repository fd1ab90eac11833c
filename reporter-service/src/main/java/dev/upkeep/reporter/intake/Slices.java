package dev.upkeep.reporter.intake;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Parts what one poll brought, in order, so that no batch has too many records or bytes. */
final class Slices {
    private Slices() {}

    /** Each slice has at least one record, at most {@code mostRecords}, and no further one once it has {@code mostBytes}. */
    static List<List<ConsumerRecord<String, byte[]>>> of(
            Iterable<ConsumerRecord<String, byte[]>> records, int mostRecords, int mostBytes) {
        List<List<ConsumerRecord<String, byte[]>>> slices = new ArrayList<>();
        List<ConsumerRecord<String, byte[]>> slice = new ArrayList<>();
        long bytes = 0;
        for (ConsumerRecord<String, byte[]> record : records) {
            if (slice.size() == mostRecords || bytes >= mostBytes) {
                slices.add(slice);
                slice = new ArrayList<>();
                bytes = 0;
            }
            slice.add(record);
            bytes += Math.max(record.serializedValueSize(), 0);
        }
        if (!slice.isEmpty()) {
            slices.add(slice);
        }
        return slices;
    }
}
