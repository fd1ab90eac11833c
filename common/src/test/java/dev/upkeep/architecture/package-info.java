/** The rules of the architecture, for every module's own test, and the planted violations that prove they can fail. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.architecture;
