package dev.upkeep.scheduler.leader;

import dev.upkeep.common.sign.Signer;
import java.time.Duration;
import java.util.Optional;

/**
 * How replicas agree on a leader.
 *
 * @param group the consumer group that they share
 * @param replica the name of this one among them; also that of its transactions
 * @param sessionTimeout a leader that the group has not heard of for so long is replaced
 * @param grace results may come so long after the time by which a command had to end
 * @param remembered ended runs older than this are forgotten, and not read at the start
 * @param signer signs what goes to executors; nothing is signed if absent
 */
record LeaderSettings(
        String group,
        String replica,
        Duration sessionTimeout,
        Duration grace,
        Duration remembered,
        Optional<Signer> signer) {
    String transactionalPrefix() {
        return group + "-";
    }

    String transactionalId() {
        return transactionalPrefix() + replica;
    }
}
