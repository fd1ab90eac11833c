package dev.upkeep.reporter.intake;

/** Said after each transaction that recorded something. */
public record Recorded(int records) {}
