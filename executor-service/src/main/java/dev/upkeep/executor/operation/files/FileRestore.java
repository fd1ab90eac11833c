package dev.upkeep.executor.operation.files;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.result.Measurement;
import dev.upkeep.common.result.Reason;
import dev.upkeep.common.task.PurgeFiles;
import dev.upkeep.common.task.RestoreFiles;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.operation.Attempt;
import dev.upkeep.executor.operation.Done;
import dev.upkeep.executor.operation.Order;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gives the files of one receipt back, whatever the engine of the rows. Stateless. */
final class FileRestore {
    private static final int SHOWN = 20;

    private final PayloadStores stores;

    FileRestore(PayloadStores stores) {
        this.stores = stores;
    }

    Done perform(Order<RestoreFiles> order, Database database, Attempt attempt) throws IOException {
        RestoreFiles task = order.task();
        Optional<PayloadStore> store = stores.find(task.store(), database.id());
        if (store.isEmpty()) {
            return Done.rejected(stores.unknown(task.store(), database.id()));
        }
        Optional<Reason> problem = PayloadStores.problem(store.get());
        if (problem.isPresent()) {
            return Done.rejected(problem.get());
        }
        Quarantine quarantine = new Quarantine(store.get().root());
        if (!quarantine.has(task.receipt())) {
            return Done.rejected(new Reason(
                    Code.INVALID,
                    "receipt: " + task.receipt()
                            + " (must be a receipt whose files are still in quarantine; its time may be over)"));
        }
        long count = 0;
        long bytes = 0;
        List<String> left = new ArrayList<>();
        for (ReceiptList.Entry entry : quarantine.entries(task.receipt()).values()) {
            if (attempt.stop().isPresent()) {
                return Done.partial(
                        report(count, bytes, left), attempt.stop().get().reason(), List.of(), figures(count));
            }
            if (order.dryRun() || quarantine.giveBack(task.receipt(), entry.path())) {
                count++;
                bytes += entry.bytes();
            } else {
                left.add(entry.path());
            }
        }
        if (!order.dryRun()) {
            quarantine.forgetIfEmpty(task.receipt());
        }
        return Done.succeeded(report(count, bytes, left), List.of(), figures(count));
    }

    private static RestoreFiles.Report report(long count, long bytes, List<String> left) {
        return new RestoreFiles.Report(
                new PurgeFiles.Files(count, bytes), left.size(), left.subList(0, Math.min(SHOWN, left.size())));
    }

    private static List<Measurement> figures(long count) {
        return List.of(Measurement.count("payload_restored", "files", (double) count, Map.of()));
    }
}
