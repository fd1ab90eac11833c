/** Real servers on this machine, for the local system and for tests: a Kafka broker and a PostgreSQL. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.local.server;
