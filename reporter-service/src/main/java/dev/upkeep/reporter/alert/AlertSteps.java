package dev.upkeep.reporter.alert;

import dev.upkeep.common.alert.Alert;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.common.result.Severity;
import dev.upkeep.reporter.alert.Standing.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Carries alerts on: what stood before and what holds now give what stands now and what people must be told. Pure: the same input
 * gives the same output, and a step repeated with its own output tells nothing.
 *
 * @param repeat how often a firing alert is told again; never if empty
 * @param runbooks what a rule's name is appended to
 */
record AlertSteps(Optional<Duration> repeat, String runbooks) {

    /**
     * What a step gives.
     *
     * @param changed standings to be stored
     * @param dropped fingerprints of those that never fired and hold no more
     * @param news what began, changed its severity, or ended
     * @param reminders what is told again
     */
    record Outcome(List<Standing> changed, List<String> dropped, List<Alert> news, List<Alert> reminders) {
        boolean isEmpty() {
            return changed.isEmpty() && dropped.isEmpty();
        }
    }

    Outcome step(Map<String, Standing> before, Map<Rule, List<Holding>> holding, Instant now) {
        Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Map<String, Standing> left = new LinkedHashMap<>(before);
        Map<String, Rule> rules = new HashMap<>();
        holding.forEach((rule, ofRule) -> {
            rules.put(rule.name(), rule);
            for (Holding one : ofRule) {
                Optional<Standing> stood = Optional.ofNullable(left.remove(one.fingerprint(rule.name())));
                holds(outcome, stood, rule, one, now);
            }
        });
        left.values()
                .forEach(stood -> gone(
                        outcome,
                        stood,
                        Optional.ofNullable(rules.get(stood.alert().rule())),
                        now));
        return outcome;
    }

    private void holds(Outcome outcome, Optional<Standing> stood, Rule rule, Holding holding, Instant now) {
        Optional<Standing> open = stood.filter(standing -> standing.state() != State.RESOLVED);
        boolean firing = open.isPresent() && open.get().state() == State.FIRING;
        if (holding.explained() && !firing) {
            open.ifPresent(pending -> outcome.dropped().add(pending.fingerprint()));
            return;
        }
        Instant since = open.map(Standing::since).orElse(now);
        if (firing) {
            goOn(outcome, open.get(), alert(rule, holding, open.get().alert().startsAt()), holding.explained(), now);
            return;
        }
        Alert alert = alert(rule, holding, now);
        boolean ripe = !since.plus(rule.atLeast().orElse(Duration.ZERO)).isAfter(now);
        if (ripe) {
            outcome.changed().add(new Standing(alert, State.FIRING, since, Optional.empty(), Optional.of(now)));
            outcome.news().add(alert);
        } else if (open.isEmpty()) {
            outcome.changed().add(new Standing(alert, State.PENDING, since, Optional.empty(), Optional.empty()));
        }
    }

    private void goOn(Outcome outcome, Standing stood, Alert alert, boolean explained, Instant now) {
        boolean graver = alert.severity() != stood.alert().severity();
        boolean due = !explained
                && repeat.isPresent()
                && stood.toldAt()
                        .map(told -> !told.plus(repeat.get()).isAfter(now))
                        .orElse(true);
        if (graver) {
            outcome.news().add(alert);
        } else if (due) {
            outcome.reminders().add(alert);
        }
        boolean differs = !alert.equals(stood.alert()) || stood.goneSince().isPresent() || due;
        if (differs) {
            Optional<Instant> told = graver || due ? Optional.of(now) : stood.toldAt();
            outcome.changed().add(new Standing(alert, State.FIRING, stood.since(), Optional.empty(), told));
        }
    }

    private static void gone(Outcome outcome, Standing stood, Optional<Rule> rule, Instant now) {
        if (stood.state() == State.PENDING) {
            outcome.dropped().add(stood.fingerprint());
        } else if (stood.state() == State.FIRING) {
            Instant goneSince = stood.goneSince().orElse(now);
            Duration patience = rule.flatMap(Rule::resolveAfter).orElse(Duration.ZERO);
            if (goneSince.plus(patience).isAfter(now)) {
                if (stood.goneSince().isEmpty()) {
                    outcome.changed()
                            .add(new Standing(
                                    stood.alert(), State.FIRING, stood.since(), Optional.of(now), stood.toldAt()));
                }
            } else {
                Alert resolved = resolved(stood.alert(), now);
                outcome.changed()
                        .add(new Standing(
                                resolved, State.RESOLVED, stood.since(), Optional.of(goneSince), stood.toldAt()));
                outcome.news().add(resolved);
            }
        }
    }

    private Alert alert(Rule rule, Holding holding, Instant startsAt) {
        return new Alert(
                holding.fingerprint(rule.name()),
                rule.name(),
                holding.severity().orElse(rule.severity().orElse(Severity.WARNING)),
                Alert.Status.FIRING,
                holding.database().map(DatabaseId::new),
                holding.executor().map(ExecutorId::new),
                holding.labels(),
                holding.text().summary(),
                holding.text().description(),
                startsAt,
                Optional.empty(),
                Optional.of(runbooks + rule.name()));
    }

    private static Alert resolved(Alert alert, Instant endsAt) {
        return new Alert(
                alert.fingerprint(),
                alert.rule(),
                alert.severity(),
                Alert.Status.RESOLVED,
                alert.database(),
                alert.executor(),
                alert.labels(),
                alert.summary(),
                alert.description(),
                alert.startsAt(),
                Optional.of(endsAt),
                alert.runbook());
    }
}
