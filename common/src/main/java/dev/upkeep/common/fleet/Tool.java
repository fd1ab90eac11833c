package dev.upkeep.common.fleet;

import dev.upkeep.common.Check;
import java.util.Optional;

/** A program beside the executor that some task needs, such as {@code pg_dump}; {@code problem} says why it is of no use. */
public record Tool(String name, Optional<String> version, Optional<String> problem) {
    public Tool {
        Check.line("tool.name", name, 64);
    }
}
