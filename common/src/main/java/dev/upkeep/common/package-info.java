/** The contracts between the services. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.common;
