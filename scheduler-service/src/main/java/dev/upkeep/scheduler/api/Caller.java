package dev.upkeep.scheduler.api;

import dev.upkeep.common.access.Problem;
import dev.upkeep.common.access.Role;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Who makes the call at hand, for what only the content of a call decides. Thread-safe. */
@Singleton
class Caller {
    private final CurrentVertxRequest current;

    Caller(CurrentVertxRequest current) {
        this.current = current;
    }

    /**
     * Refuses the call unless the caller has this role.
     *
     * @param what for which it is needed, as the middle of a sentence
     */
    void must(Role needed, String what) {
        RoutingContext call = current.getCurrent();
        Optional<Role> role = call == null ? Optional.empty() : Access.role(call);
        if (role.isEmpty() || !role.get().covers(needed)) {
            throw Problems.forbidden(
                    role.map(has -> Problem.lacking(has, needed, what)).orElse("The caller is not known."));
        }
    }
}
