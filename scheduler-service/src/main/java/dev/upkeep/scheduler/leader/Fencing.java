package dev.upkeep.scheduler.leader;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions that a dead or stuck leader has left open, so that nobody has to wait for their timeout. Only a new leader
 * calls it: all others have lost their place in the group by then, and could not commit anyway. Without the right to do so
 * it warns, and the timeout does the same a little later.
 */
final class Fencing {
    private static final Logger LOG = LoggerFactory.getLogger(Fencing.class);

    private Fencing() {}

    static void endOpenTransactions(Admin admin, LeaderSettings settings) {
        try {
            List<String> open = admin.listTransactions().all().get(10, TimeUnit.SECONDS).stream()
                    .filter(listing -> listing.state() == TransactionState.ONGOING)
                    .map(TransactionListing::transactionalId)
                    .filter(id -> id.startsWith(settings.transactionalPrefix()))
                    .filter(id -> !id.equals(settings.transactionalId()))
                    .toList();
            if (!open.isEmpty()) {
                admin.fenceProducers(open).all().get(10, TimeUnit.SECONDS);
                LOG.info("ended open transactions of earlier leaders: {}", open);
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("open transactions of earlier leaders end by their timeout, not now: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
