/** Tests of the packaged services against a real broker, PostgreSQL and SQLite. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.e2e;
