/** Tests of what the executor knows of controls. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.control;
