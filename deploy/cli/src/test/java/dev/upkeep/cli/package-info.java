/** Tests of the command against a real broker. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.cli;
