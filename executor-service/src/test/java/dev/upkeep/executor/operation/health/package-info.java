/** Tests of the health operations. */
package dev.upkeep.executor.operation.health;
