package dev.upkeep.common.command;

import dev.upkeep.common.Check;
import dev.upkeep.common.task.Task;

/** One task in its place in the order. On the wire it is the task's own object with {@code onFailure} beside its parameters. */
public record Step(Task task, OnFailure onFailure) {
    public Step {
        Check.present("task", task);
        Check.present("onFailure", onFailure);
    }

    /** The task; what comes after it is only done if it ends well. */
    public static Step of(Task task) {
        return new Step(task, OnFailure.STOP);
    }
}
