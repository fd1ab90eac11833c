package dev.upkeep.common.kafka;

/** Kafka could not be reached, or refused; the cause is Kafka's own exception. */
public final class KafkaUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public KafkaUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
