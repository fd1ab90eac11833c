package dev.upkeep.reporter.alert;

import dev.upkeep.common.Check;
import dev.upkeep.common.result.Severity;
import dev.upkeep.reporter.finding.Episode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A check has open findings on a database: one alert per check, as severe as its worst finding, naming the objects.
 *
 * @param atLeast critical if absent
 * @param checks only these; all if empty
 */
record FindingOpen(Optional<Severity> atLeast, List<String> checks) implements Trigger {
    private static final int NAMED = 10;

    private record Key(String database, String check) {}

    FindingOpen {
        checks = Check.list("checks", checks);
    }

    @Override
    public List<Holding> check(Facts facts) {
        Map<Key, List<Episode>> grouped = facts.findings(atLeast.orElse(Severity.CRITICAL)).stream()
                .filter(episode ->
                        checks.isEmpty() || checks.contains(episode.finding().check()))
                .collect(Collectors.groupingBy(
                        episode -> new Key(episode.database(), episode.finding().check()),
                        () -> new TreeMap<>(Comparator.comparing(Key::database).thenComparing(Key::check)),
                        Collectors.toList()));
        List<Holding> holdings = new ArrayList<>();
        grouped.forEach((key, episodes) -> holdings.add(holding(key, episodes)));
        return holdings;
    }

    private static Holding holding(Key key, List<Episode> episodes) {
        Episode first = episodes.get(0);
        String more = episodes.size() == 1 ? "" : " and " + (episodes.size() - 1) + " more";
        String object =
                first.finding().object().isEmpty() ? "" : " " + first.finding().object();
        String lines = episodes.stream().limit(NAMED).map(FindingOpen::line).collect(Collectors.joining("\n"));
        Severity worst = episodes.stream()
                .map(episode -> episode.finding().severity())
                .max(Comparator.naturalOrder())
                .orElse(Severity.CRITICAL);
        return Holding.onDatabase(
                        key.database(),
                        Map.of("check", key.check()),
                        key.check() + " on " + key.database() + object + ": "
                                + first.finding().value() + more,
                        lines)
                .withSeverity(worst);
    }

    private static String line(Episode episode) {
        String object = episode.finding().object();
        return (object.isEmpty() ? "" : object + ": ") + episode.finding().value() + " (limit "
                + episode.finding().threshold() + ") since " + episode.since() + ". "
                + episode.finding().advice();
    }

    @Override
    public boolean isExplainable() {
        return false;
    }
}
