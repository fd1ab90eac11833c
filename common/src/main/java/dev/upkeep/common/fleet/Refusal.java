package dev.upkeep.common.fleet;

import dev.upkeep.common.Check;

/** A task that an executor will not or cannot do on a database, and why: engine, version, missing tool, guardrail. */
public record Refusal(String task, String reason) {
    public Refusal {
        Check.line("refusal.task", task, 64);
        Check.line("refusal.reason", reason, 500);
    }
}
