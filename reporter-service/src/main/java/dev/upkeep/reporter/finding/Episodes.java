package dev.upkeep.reporter.finding;

import dev.upkeep.common.result.Finding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The open findings of one task on one database, carried on by looks. A look older than the newest of its source changes
 * nothing. Not thread-safe.
 */
final class Episodes {
    /** More than this many open findings of one task on one database are not kept. */
    static final int MOST = 500;

    private final List<Episode> episodes;
    private final Map<String, Instant> newest;
    private final Set<String> moved = new LinkedHashSet<>();

    /** Begins with what is open, and with the time of the newest look of each source. */
    Episodes(List<Episode> open, Map<String, Instant> newest) {
        this.episodes = new ArrayList<>(open);
        this.newest = newest;
    }

    void see(Look look) {
        Instant before = newest.get(look.source());
        if (before != null && before.isAfter(look.at())) {
            return;
        }
        newest.put(look.source(), look.at());
        moved.add(look.source());
        if (look.whole()) {
            endWhatIsGone(look);
        }
        look.findings().forEach(finding -> confirm(look, finding));
    }

    private void endWhatIsGone(Look look) {
        for (int i = 0; i < episodes.size(); i++) {
            Episode episode = episodes.get(i);
            boolean gone = episode.isOpen()
                    && episode.source().equals(look.source())
                    && look.findings().stream().noneMatch(episode::isAbout);
            if (gone) {
                episodes.set(i, episode.ended(look.at()));
            }
        }
    }

    private void confirm(Look look, Finding finding) {
        for (int i = 0; i < episodes.size(); i++) {
            Episode episode = episodes.get(i);
            if (episode.isOpen() && episode.isAbout(finding)) {
                episodes.set(i, episode.confirmed(look, finding));
                return;
            }
        }
        if (episodes.stream().filter(Episode::isOpen).count() < MOST) {
            episodes.add(new Episode(
                    Optional.empty(),
                    look.database(),
                    look.task(),
                    look.source(),
                    finding,
                    look.command(),
                    look.at(),
                    look.at(),
                    Optional.empty()));
        }
    }

    /** All episodes it knows, changed or not. */
    List<Episode> episodes() {
        return episodes;
    }

    /** The sources that were looked at, and when last. */
    Map<String, Instant> looked() {
        Map<String, Instant> looked = new java.util.LinkedHashMap<>();
        newest.forEach((source, at) -> {
            if (moved.contains(source)) {
                looked.put(source, at);
            }
        });
        return looked;
    }
}
