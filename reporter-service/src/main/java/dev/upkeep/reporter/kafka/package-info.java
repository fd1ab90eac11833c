/** How this service reaches Kafka. */
@NullMarked
package dev.upkeep.reporter.kafka;

import org.jspecify.annotations.NullMarked;
