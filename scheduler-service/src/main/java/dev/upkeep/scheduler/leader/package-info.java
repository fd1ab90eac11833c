/** One replica leads: it alone reads requests and results, and writes commands and run states in transactions. */
@NullMarked
package dev.upkeep.scheduler.leader;

import org.jspecify.annotations.NullMarked;
