/** Tests of the sample databases. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.local.sample;
