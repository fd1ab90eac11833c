/** Signatures on commands, so that an executor need not trust the bus: Ed25519 over the exact bytes of the record's value. */
@NullMarked
package dev.upkeep.common.sign;

import org.jspecify.annotations.NullMarked;
