/** The launcher: the whole of Upkeep on one machine, with a real broker and sample databases. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.local.up;
