package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.task.ExpireBackups;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Decides which backups stay, and says why. Pure: the same backups, rules and time give the same plan. Each kind of backup is
 * planned for itself, since one cannot stand in for another. The newest verified one of a kind always stays; one that is not
 * verified goes only when a newer verified one is there.
 *
 * @param now from which ages are counted
 * @param clock the time here: what is dated after it stays and counts for no rule, so that a clock that once was wrong does not
 *     make the backups that come after look old
 * @param held names of backups that a person has put a hold on
 */
record Retention(ExpireBackups rules, Instant now, Instant clock, Set<String> held) {
    Retention(ExpireBackups rules, Instant now, Set<String> held) {
        this(rules, now, now, held);
    }

    private static final Comparator<Manifest> NEWEST_FIRST = Comparator.comparing(Manifest::takenAt)
            .thenComparing(Manifest::name)
            .reversed();

    /** What becomes of one backup; no reason to keep it means that it goes. */
    record Decision(Manifest backup, boolean keep, List<String> reasons) {}

    /** The plan for all of them, newest first. */
    List<Decision> plan(List<Manifest> backups) {
        Map<String, List<Manifest>> byKind = new TreeMap<>();
        backups.forEach(backup ->
                byKind.computeIfAbsent(backup.kind(), kind -> new ArrayList<>()).add(backup));
        return byKind.values().stream()
                .flatMap(this::planKind)
                .sorted(Comparator.comparing(Decision::backup, NEWEST_FIRST))
                .toList();
    }

    private Stream<Decision> planKind(List<Manifest> backups) {
        List<Manifest> all = backups.stream().sorted(NEWEST_FIRST).toList();
        List<Manifest> verified = all.stream()
                .filter(backup -> backup.isVerified() && !backup.isFromTheFuture(clock))
                .toList();
        Map<String, List<String>> reasons = new LinkedHashMap<>();
        all.forEach(backup -> reasons.put(backup.name(), new ArrayList<>()));
        always(all, clock, held).forEach((name, why) -> reasons.put(name, new ArrayList<>(why)));
        keep(
                reasons,
                verified,
                rules.minimum().orElse(1),
                "minimum: among the newest " + rules.minimum().orElse(1));
        rules.last().ifPresent(count -> keep(reasons, verified, count, "last: among the newest " + count));
        rules.daily().ifPresent(count -> keepPeriods(reasons, verified, count, "daily", Retention::day));
        rules.weekly().ifPresent(count -> keepPeriods(reasons, verified, count, "weekly", Retention::week));
        rules.monthly().ifPresent(count -> keepPeriods(reasons, verified, count, "monthly", Retention::month));
        rules.within()
                .ifPresent(age -> verified.stream()
                        .filter(backup -> !backup.takenAt().isBefore(now.minus(age)))
                        .forEach(backup -> reason(reasons, backup, "within: not older than " + age)));
        return all.stream().map(backup -> decision(backup, reasons.getOrDefault(backup.name(), List.of())));
    }

    /** Why backups stay whatever the rules are; those that have no such reason are absent. */
    static Map<String, List<String>> always(List<Manifest> backups, Instant clock, Set<String> held) {
        Map<String, List<String>> reasons = new TreeMap<>();
        Set<String> kinds = new HashSet<>();
        List<Manifest> verified = backups.stream()
                .filter(backup -> backup.isVerified() && !backup.isFromTheFuture(clock))
                .sorted(NEWEST_FIRST)
                .toList();
        verified.stream()
                .filter(backup -> kinds.add(backup.kind()))
                .forEach(backup -> reason(reasons, backup, "the newest verified " + backup.kind() + " backup"));
        for (Manifest backup : backups) {
            if (backup.isVerified() && backup.isFromTheFuture(clock)) {
                reason(reasons, backup, "dated after now: the clock was or is wrong");
            }
            if (held.contains(backup.name())) {
                reason(reasons, backup, "hold: a person has put a hold on it");
            }
            if (!backup.isVerified()
                    && verified.stream()
                            .noneMatch(other -> other.kind().equals(backup.kind())
                                    && other.takenAt().isAfter(backup.takenAt()))) {
                reason(reasons, backup, "not verified, and there is no newer one that is");
            }
        }
        return reasons;
    }

    private static Decision decision(Manifest backup, List<String> reasons) {
        if (!reasons.isEmpty()) {
            return new Decision(backup, true, List.copyOf(reasons));
        }
        return new Decision(
                backup, false, List.of(backup.isVerified() ? "no rule keeps it" : "not verified, and a newer one is"));
    }

    private static void keep(Map<String, List<String>> reasons, List<Manifest> verified, int count, String why) {
        verified.stream().limit(count).forEach(backup -> reason(reasons, backup, why));
    }

    private static void keepPeriods(
            Map<String, List<String>> reasons,
            List<Manifest> verified,
            int count,
            String rule,
            Function<LocalDate, String> period) {
        Set<String> seen = new HashSet<>();
        for (Manifest backup : verified) {
            String name = period.apply(LocalDate.ofInstant(backup.takenAt(), ZoneOffset.UTC));
            if (seen.size() < count && seen.add(name)) {
                reason(reasons, backup, rule + ": the newest of " + name);
            }
        }
    }

    private static void reason(Map<String, List<String>> reasons, Manifest backup, String why) {
        reasons.computeIfAbsent(backup.name(), name -> new ArrayList<>()).add(why);
    }

    private static String day(LocalDate date) {
        return date.toString();
    }

    private static String week(LocalDate date) {
        return date.get(IsoFields.WEEK_BASED_YEAR) + "-W"
                + String.format("%02d", date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
    }

    private static String month(LocalDate date) {
        return YearMonth.from(date).toString();
    }
}
