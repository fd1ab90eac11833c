package dev.upkeep.executor.planted;

/** Stands for a class of another service. */
public final class Reached {}
