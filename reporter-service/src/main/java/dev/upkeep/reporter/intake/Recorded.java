package dev.upkeep.reporter.intake;

/** Said after each batch that was recorded. */
public record Recorded(int results) {}
