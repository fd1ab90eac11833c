/** What callers of a service's HTTP port must bring, and what they may ask for. */
@NullMarked
package dev.upkeep.common.access;

import org.jspecify.annotations.NullMarked;
