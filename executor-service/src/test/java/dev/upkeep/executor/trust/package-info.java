@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.trust;
