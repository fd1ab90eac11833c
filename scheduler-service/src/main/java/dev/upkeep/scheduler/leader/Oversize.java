package dev.upkeep.scheduler.leader;

import java.util.function.BiConsumer;

/**
 * A record that is too large for its topic, for the producer's settings, or for whoever reads it.
 *
 * @param kind what the record would have said: a kind of message
 * @param topic where it would have gone
 * @param bytes the size of its value
 * @param remedy what is written in its place, if anything
 */
record Oversize(String kind, String topic, int bytes, BiConsumer<Fitting, Oversize> remedy) {
    /** What happened, and what to do about it. */
    String message() {
        return "its " + kind + " record of " + bytes + " bytes is too large for topic " + topic
                + ": raise max.message.bytes of the topic and max.request.size in upkeep.kafka.client"
                + " (records of up to 1 MiB are read), or ask for less at once";
    }
}
