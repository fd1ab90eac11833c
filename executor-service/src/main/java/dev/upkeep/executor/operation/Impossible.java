package dev.upkeep.executor.operation;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.task.Task;

/** A task that an engine cannot do, said explicitly: a bean of this kind fills its place in the catalogue of operations. */
public record Impossible(Class<? extends Task> task, Engine engine, String reason) {}
