package dev.upkeep.executor.planted.beta;

/** Known by another family. */
public record Beta() {}
