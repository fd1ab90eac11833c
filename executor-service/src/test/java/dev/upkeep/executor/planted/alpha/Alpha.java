package dev.upkeep.executor.planted.alpha;

import dev.upkeep.executor.planted.beta.Beta;

/** Breaks the rule that families do not know each other. */
public record Alpha(Beta beta) {}
