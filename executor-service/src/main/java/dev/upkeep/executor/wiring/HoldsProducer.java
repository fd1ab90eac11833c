package dev.upkeep.executor.wiring;

import dev.upkeep.executor.control.HoldFile;
import dev.upkeep.executor.operation.Holds;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** Gives operations the holds of this executor's data folder. */
@ApplicationScoped
class HoldsProducer {
    @Produces
    @Singleton
    Holds holds(ExecutorConfig config) {
        return new HoldFile(config.data(), Configuration.id(config), Clock.systemUTC());
    }
}
