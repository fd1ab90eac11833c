/** Tests of the executor as a whole: real Kafka, real databases, operations that do as the test says. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.wiring;
