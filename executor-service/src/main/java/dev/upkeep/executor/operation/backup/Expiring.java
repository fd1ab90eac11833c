package dev.upkeep.executor.operation.backup;

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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Removes the backups that no rule keeps, and explains the plan. One at a time for each database, never beside a backup. */
@ApplicationScoped
class Expiring {
    private final Catalogue catalogue;
    private final Holds holds;

    Expiring(Catalogue catalogue, Holds holds) {
        this.catalogue = catalogue;
        this.holds = holds;
    }

    Done expire(Order<ExpireBackups> order, Database database, Attempt attempt) throws IOException {
        BackupFolder folder = catalogue.folder(database.id());
        Optional<BackupFolder.Hold> hold = folder.hold();
        if (hold.isEmpty()) {
            return Done.contended(Catalogue.occupied(folder));
        }
        try (BackupFolder.Hold folderHold = hold.get()) {
            List<Manifest> all = catalogue.list(database.id());
            Retention retention = new Retention(order.task(), order.asOf(), folder.heldBackups());
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
            List<Decision> going =
                    plan.stream().filter(decision -> !decision.keep()).toList();
            long freed = order.dryRun() ? 0 : remove(going, folder, folderHold, attempt);
            ExpireBackups.Report report = report(hash, plan, freed);
            List<Measurement> measurements = List.of(
                    Measurement.count(
                            "backup_expired", "backups", order.dryRun() ? 0 : going.size(), java.util.Map.of()),
                    Measurement.gauge("backup_count", "backups", all.size() - (order.dryRun() ? 0 : going.size())));
            return going.isEmpty()
                    ? Done.nothing(report, List.of(), measurements)
                    : Done.succeeded(report, List.of(), measurements);
        }
    }

    private long remove(List<Decision> going, BackupFolder folder, BackupFolder.Hold held, Attempt attempt)
            throws IOException {
        long freed = 0;
        Pump pump = new Pump(attempt, BackupSettings.Pace.FAST, Optional.empty());
        for (Decision decision : going) {
            pump.goOn();
            requireAnother(decision.backup());
            folder.remove(decision.backup().name(), held);
            freed += decision.backup().file().bytes();
        }
        return freed;
    }

    /** The last look: whatever the plan says, another verified one must be there at this moment. */
    private void requireAnother(Manifest going) throws IOException {
        boolean isThere = catalogue.list(going.database()).stream()
                .anyMatch(other ->
                        !other.name().equals(going.name()) && other.kind().equals(going.kind()) && other.isVerified());
        if (!isThere) {
            throw new IllegalStateException("refused to remove " + going.name() + ", the last verified of its kind");
        }
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
        MessageDigest digest = StoredOutput.newDigest();
        List<String> going = new ArrayList<>();
        plan.stream()
                .filter(decision -> !decision.keep())
                .forEach(decision -> going.add(decision.backup().name()));
        return HexFormat.of().formatHex(digest.digest(String.join("\n", going).getBytes(StandardCharsets.UTF_8)));
    }
}
