package dev.upkeep.executor.operation.backup;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.ExpireBackups;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Holds;
import dev.upkeep.executor.operation.Order;
import dev.upkeep.executor.operation.backup.Retention.Decision;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Removes the backups that no rule keeps, and explains the plan. One at a time for each database, never beside a backup. */
@ApplicationScoped
class Expiring {
    private final Catalogue catalogue;
    private final Holds holds;
    private final Clock clock;

    @Inject
    Expiring(Catalogue catalogue, Holds holds) {
        this(catalogue, holds, Clock.systemUTC());
    }

    Expiring(Catalogue catalogue, Holds holds, Clock clock) {
        this.catalogue = catalogue;
        this.holds = holds;
        this.clock = clock;
    }

    Done expire(Order<ExpireBackups> order, Database database, Attempt attempt) throws IOException {
        BackupFolder folder = catalogue.folder(database.id());
        Optional<BackupFolder.Hold> hold = folder.hold();
        if (hold.isEmpty()) {
            return Done.contended(Catalogue.occupied(folder));
        }
        try (BackupFolder.Hold folderHold = hold.get()) {
            List<Manifest> all = catalogue.list(database.id());
            Retention retention = new Retention(order.task(), order.asOf(), clock.instant(), folder.heldBackups());
            List<Decision> plan = retention.plan(all);
            String hash = hash(plan);
            if (order.planHash().isPresent() && !order.planHash().get().equals(hash)) {
                return Done.rejected(
                        new Reason(
                                Code.PLAN_DRIFTED,
                                "the backups are not those of the plan "
                                        + order.planHash().get()
                                        + " any more; nothing was removed: look at the new plan"),
                        report(hash, plan, 0));
            }
            Optional<String> held = holds.on(database);
            if (held.isPresent() && !order.dryRun()) {
                return Done.rejected(
                        new Reason(Code.HOLD, held.get() + "; nothing was removed"), report(hash, plan, 0));
            }
            List<Manifest> going = plan.stream()
                    .filter(decision -> !decision.keep())
                    .map(Decision::backup)
                    .toList();
            Pump pump = new Pump(attempt, BackupSettings.Pace.FAST, Optional.empty());
            Removal.Outcome removal = order.dryRun()
                    ? new Removal.Outcome(List.of(), Map.of(), Optional.empty())
                    : new Removal(catalogue, holds, database, folder, folderHold).remove(going, all, pump::goOn);
            return done(report(hash, adjusted(plan, removal.kept()), removal.freed()), removal, all.size());
        }
    }

    /** @param count of backups before */
    private static Done done(ExpireBackups.Report report, Removal.Outcome removal, int count) {
        int removed = removal.removed().size();
        List<Measurement> measurements = List.of(
                Measurement.count("backup_expired", "backups", removed, Map.of()),
                Measurement.gauge("backup_count", "backups", count - removed));
        if (removal.hold().isPresent()) {
            Reason held = new Reason(Code.HOLD, removal.hold().get() + "; it came while backups were removed");
            return removed == 0 ? Done.rejected(held, report) : Done.partial(report, held, List.of(), measurements);
        }
        return report.removed() == 0
                ? Done.nothing(report, List.of(), measurements)
                : Done.succeeded(report, List.of(), measurements);
    }

    /** What stayed although the plan let it go. */
    private static List<Decision> adjusted(List<Decision> plan, Map<String, String> kept) {
        return plan.stream()
                .map(decision -> Optional.ofNullable(kept.get(decision.backup().name()))
                        .map(why -> new Decision(decision.backup(), true, List.of(why)))
                        .orElse(decision))
                .toList();
    }

    private static ExpireBackups.Report report(String hash, List<Decision> plan, long freed) {
        List<ExpireBackups.Decision> decisions = plan.stream()
                .map(decision -> new ExpireBackups.Decision(
                        decision.backup().name(), decision.backup().takenAt(), decision.keep(), decision.reasons()))
                .toList();
        int kept = (int) plan.stream().filter(Decision::keep).count();
        return new ExpireBackups.Report(hash, kept, plan.size() - kept, freed, decisions);
    }

    private static String hash(List<Decision> plan) {
        MessageDigest digest = Sha256.begin();
        List<String> going = new ArrayList<>();
        plan.stream()
                .filter(decision -> !decision.keep())
                .forEach(decision -> going.add(decision.backup().name()));
        return HexFormat.of().formatHex(digest.digest(String.join("\n", going).getBytes(StandardCharsets.UTF_8)));
    }
}
