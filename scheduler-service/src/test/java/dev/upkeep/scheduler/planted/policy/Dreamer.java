package dev.upkeep.scheduler.planted.policy;

import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Decides, and knows of a consumer. */
record Dreamer(KafkaConsumer<String, byte[]> consumer) {}
