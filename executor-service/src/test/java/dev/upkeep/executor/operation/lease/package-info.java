/** Tests of the release of leases. */
package dev.upkeep.executor.operation.lease;
