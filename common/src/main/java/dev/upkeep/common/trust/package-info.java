/** Which files are believed: those that no other user of the host can change, or read if they are secret. */
@NullMarked
package dev.upkeep.common.trust;

import org.jspecify.annotations.NullMarked;
