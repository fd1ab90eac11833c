/** Findings as episodes: since when, until when. */
@NullMarked
package dev.upkeep.reporter.finding;

import org.jspecify.annotations.NullMarked;
