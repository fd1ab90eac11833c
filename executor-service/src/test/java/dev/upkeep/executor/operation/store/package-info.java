/** Tests of stores, and a server to test with. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.operation.store;
