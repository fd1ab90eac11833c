/** Signatures on commands and overrides, so that an executor need not trust the bus: Ed25519 over exact bytes. */
@NullMarked
package dev.upkeep.common.sign;

import org.jspecify.annotations.NullMarked;
