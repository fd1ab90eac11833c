package dev.upkeep.common.kafka;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** What Kafka's clients answer at some time. */
public final class Answer {
    private Answer() {}

    /**
     * Waits for it.
     *
     * @param action what was asked for, as in "cannot …"
     * @throws KafkaUnavailable whose cause is what Kafka's client said
     */
    public static <T> T of(Future<T> future, String action) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new KafkaUnavailable("cannot " + action + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaUnavailable("interrupted: " + action, e);
        }
    }
}
