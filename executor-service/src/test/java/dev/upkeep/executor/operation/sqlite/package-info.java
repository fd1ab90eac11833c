/** Tests of what the operations on SQLite share, and what their tests share. */
package dev.upkeep.executor.operation.sqlite;
