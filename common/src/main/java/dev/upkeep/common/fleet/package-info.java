/** The fleet as executors state it: who is there, which databases it cares for, and what it can and may do. */
@NullMarked
package dev.upkeep.common.fleet;

import org.jspecify.annotations.NullMarked;
