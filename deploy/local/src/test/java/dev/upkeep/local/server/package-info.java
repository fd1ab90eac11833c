/** Tests of the real servers of this machine. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.local.server;
