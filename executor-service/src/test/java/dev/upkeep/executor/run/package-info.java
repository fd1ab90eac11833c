/** Tests of whose turn it is. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.run;
