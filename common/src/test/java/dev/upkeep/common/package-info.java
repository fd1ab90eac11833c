/** Tests of the contracts, and samples of every message for the tests of all modules. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.common;
