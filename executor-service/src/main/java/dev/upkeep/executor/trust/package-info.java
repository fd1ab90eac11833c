/** Which files the executor believes: those that no other user of the host can change, or read if they are secret. */
@NullMarked
package dev.upkeep.executor.trust;

import org.jspecify.annotations.NullMarked;
