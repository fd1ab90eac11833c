package dev.upkeep.reporter.alert;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** What a rule watches for; in the rules file an object whose {@code kind} names it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TaskEnded.class, name = "task-ended"),
    @JsonSubTypes.Type(value = NotCarriedOut.class, name = "not-carried-out"),
    @JsonSubTypes.Type(value = FindingOpen.class, name = "finding-open"),
    @JsonSubTypes.Type(value = TaskOverdue.class, name = "task-overdue"),
})
sealed interface Trigger permits TaskEnded, NotCarriedOut, FindingOpen, TaskOverdue {
    /** What holds now. */
    List<Holding> check(Facts facts);

    /** Whether a pause, blackout or hold explains it, so that it does not begin to fire meanwhile. */
    boolean isExplainable();
}
