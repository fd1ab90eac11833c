/** Tests of the launcher. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.local.up;
