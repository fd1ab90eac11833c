package dev.upkeep.common.fleet;

/** The database engines that Upkeep cares for. */
public enum Engine {
    POSTGRESQL,
    SQLITE
}
