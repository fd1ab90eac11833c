package dev.upkeep.reporter.intake;

import dev.upkeep.common.result.Reason;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A record that could not be read, and why. */
record Unread(ConsumerRecord<String, byte[]> record, Reason reason) {}
