/** A backlog of results on a real broker, replayed into the history by the packaged reporter. */
@NullMarked
package dev.upkeep.bench.replay;

import org.jspecify.annotations.NullMarked;
