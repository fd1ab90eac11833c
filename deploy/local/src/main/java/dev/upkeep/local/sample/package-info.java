/** Sample databases with rows past their retention: the systems 1, 2 and 4 that Upkeep must be able to maintain. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.local.sample;
