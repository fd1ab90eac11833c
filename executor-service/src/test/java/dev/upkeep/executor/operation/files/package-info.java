/** Tests of the care for payload files. */
package dev.upkeep.executor.operation.files;
