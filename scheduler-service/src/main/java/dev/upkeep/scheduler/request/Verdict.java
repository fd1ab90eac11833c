package dev.upkeep.scheduler.request;

import dev.upkeep.common.command.Cancel;
import dev.upkeep.common.result.Reason;
import dev.upkeep.scheduler.run.Run;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of one request.
 *
 * @param runs the request's run, accepted or rejected, and runs that it changed
 * @param repeated an earlier verdict that is written again, since the request was a repeat
 * @param deadLetter why the record goes to the dead letters as well
 */
public record Verdict(List<Run> runs, List<Cancel> cancels, Optional<Run> repeated, Optional<Reason> deadLetter) {
    static Verdict of(Run run) {
        return new Verdict(List.of(run), List.of(), Optional.empty(), Optional.empty());
    }
}
