package dev.upkeep.scheduler.control;

import dev.upkeep.common.command.Step;
import dev.upkeep.common.control.Control;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.id.ControlId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.Effect;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The pauses, blackouts and holds there are, and what those in force forbid. Thread-safe. */
public final class Controls {
    private final Map<ControlId, Control> controls = new ConcurrentHashMap<>();

    /** Takes a control in place of an earlier one of the same id. */
    public void put(Control control) {
        controls.put(control.id(), control);
    }

    /** Ends a control. */
    public void remove(ControlId id) {
        controls.remove(id);
    }

    /** All, those that are over or to come among them. */
    public Collection<Control> all() {
        return controls.values();
    }

    /** Those in force at this time. */
    public List<Control> active(Instant now) {
        return controls.values().stream()
                .filter(control -> control.isActive(now))
                .toList();
    }

    /** Why this policy must not fire at all: a pause of it, or of all policies. */
    public static Optional<Reason> againstFiring(Collection<Control> active, PolicyName policy) {
        return active.stream()
                .filter(control ->
                        control.kind() == Control.Kind.PAUSE && control.select().isEmpty())
                .filter(control -> control.policy().map(policy::equals).orElse(true))
                .findFirst()
                .map(control -> reason(control, Code.PAUSED, "paused"));
    }

    /** Why these steps must not start on this database: a blackout, a hold, or a pause of the policy for it. */
    public static Optional<Reason> againstStart(
            Collection<Control> active,
            Optional<PolicyName> policy,
            ExecutorId executor,
            RegisteredDatabase database,
            List<Step> steps) {
        for (Control control : active) {
            boolean meant = control.select()
                    .map(select -> select.matches(executor, database))
                    .orElse(true);
            if (!meant) {
                continue;
            }
            if (control.kind() == Control.Kind.BLACKOUT) {
                return Optional.of(reason(control, Code.BLACKOUT, "blackout"));
            }
            if (control.kind() == Control.Kind.PAUSE
                    && control.select().isPresent()
                    && policy.isPresent()
                    && control.policy().map(policy.get()::equals).orElse(true)) {
                return Optional.of(reason(control, Code.PAUSED, "paused"));
            }
            if (control.kind() == Control.Kind.HOLD
                    && steps.stream().anyMatch(step -> step.task().effect() == Effect.DESTRUCTIVE)) {
                return Optional.of(reason(control, Code.HOLD, "hold"));
            }
        }
        return Optional.empty();
    }

    private static Reason reason(Control control, Code code, String word) {
        return new Reason(
                code,
                word + " until " + control.until() + " by " + control.owner() + " (" + control.id() + "): "
                        + control.reason());
    }
}
