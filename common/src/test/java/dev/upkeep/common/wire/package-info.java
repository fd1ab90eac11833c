/** Tests of the wire format. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.common.wire;
