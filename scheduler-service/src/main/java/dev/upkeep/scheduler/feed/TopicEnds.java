package dev.upkeep.scheduler.feed;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Where topics end at this moment, with all that is in transactions which are still open. */
public final class TopicEnds {
    private TopicEnds() {}

    /**
     * The end of each of these partitions. A reader of committed records comes to it only once the transactions that are open now have
     * been decided.
     */
    public static Map<TopicPartition, Long> of(Admin admin, Collection<TopicPartition> partitions) {
        ListOffsetsResult ends = admin.listOffsets(partitions.stream()
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest())));
        Map<TopicPartition, Long> found = new HashMap<>();
        try {
            for (TopicPartition partition : partitions) {
                found.put(
                        partition,
                        ends.partitionResult(partition)
                                .get(30, TimeUnit.SECONDS)
                                .offset());
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("the ends of " + partitions + " cannot be found", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted", e);
        }
        return found;
    }
}
