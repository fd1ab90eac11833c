/** Ways out for alerts; one that is down never delays another. */
@NullMarked
package dev.upkeep.reporter.notify;

import org.jspecify.annotations.NullMarked;
