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
    @JsonSubTypes.Type(value = DataOverdue.class, name = "data-overdue"),
    @JsonSubTypes.Type(value = PartialTooOften.class, name = "partial-too-often"),
    @JsonSubTypes.Type(value = ResultMissing.class, name = "result-missing"),
    @JsonSubTypes.Type(value = RunMissing.class, name = "run-missing"),
    @JsonSubTypes.Type(value = ExecutorSilent.class, name = "executor-silent"),
    @JsonSubTypes.Type(value = DatabaseUnreachable.class, name = "database-unreachable"),
    @JsonSubTypes.Type(value = DeadLetters.class, name = "dead-letters"),
    @JsonSubTypes.Type(value = ResultsQuarantined.class, name = "results-quarantined"),
    @JsonSubTypes.Type(value = MeasurementBeyond.class, name = "measurement-beyond"),
    @JsonSubTypes.Type(value = GrowthOutOfTrend.class, name = "growth-out-of-trend"),
    @JsonSubTypes.Type(value = RunningOut.class, name = "running-out"),
})
sealed interface Trigger
        permits TaskEnded,
                NotCarriedOut,
                FindingOpen,
                TaskOverdue,
                DataOverdue,
                PartialTooOften,
                ResultMissing,
                RunMissing,
                ExecutorSilent,
                DatabaseUnreachable,
                DeadLetters,
                ResultsQuarantined,
                MeasurementBeyond,
                GrowthOutOfTrend,
                RunningOut {
    /** What holds now. */
    List<Holding> check(Facts facts);

    /** Whether a pause, blackout or hold explains it, so that it does not begin to fire meanwhile. */
    boolean isExplainable();
}
