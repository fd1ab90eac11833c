/** Results that cannot be what they say they are: counted, shown and kept aside, not believed. */
@NullMarked
package dev.upkeep.reporter.quarantine;

import org.jspecify.annotations.NullMarked;
