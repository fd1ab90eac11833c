/** Metrics made from the history at each scrape, so that a restart or a second replica shows the same. */
@NullMarked
package dev.upkeep.reporter.metric;

import org.jspecify.annotations.NullMarked;
