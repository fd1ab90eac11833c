/** The {@code upkeep} command: topics, ad-hoc requests, runs and results from a shell. */
@NullMarked
package dev.upkeep.cli;

import org.jspecify.annotations.NullMarked;
