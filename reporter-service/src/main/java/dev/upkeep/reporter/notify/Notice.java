package dev.upkeep.reporter.notify;

import dev.upkeep.common.alert.Alert;
import java.time.Instant;

/**
 * One thing to tell by one way out.
 *
 * @param id the same however often it is told
 */
record Notice(long id, Alert alert, Instant created, Instant due, int attempts) {}
