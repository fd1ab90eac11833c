package dev.upkeep.executor.wiring;

import dev.upkeep.executor.governor.Governor;
import dev.upkeep.executor.operation.Catalogue;
import dev.upkeep.executor.operation.Impossible;
import dev.upkeep.executor.operation.Operation;
import dev.upkeep.executor.operation.Tools;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** All that can be done here: the beans of the operation families. A gap in the catalogue stops the start. */
@ApplicationScoped
public class Work {
    private final Catalogue catalogue;
    private final List<Tools> tools;
    private final Governor governor;

    Work(
            @All List<Operation<?, ?>> operations,
            @All List<Impossible> impossible,
            @All List<Tools> tools,
            Governor governor) {
        this.catalogue = new Catalogue(operations, impossible);
        this.tools = tools;
        this.governor = governor;
        if (!catalogue.gaps().isEmpty()) {
            throw new IllegalStateException("there is neither an operation nor a statement that it is impossible for: "
                    + String.join(", ", catalogue.gaps()));
        }
    }

    Catalogue catalogue() {
        return catalogue;
    }

    List<Tools> tools() {
        return tools;
    }

    Governor governor() {
        return governor;
    }
}
