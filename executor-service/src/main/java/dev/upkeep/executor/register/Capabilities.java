package dev.upkeep.executor.register;

import dev.upkeep.common.fleet.Refusal;
import dev.upkeep.common.fleet.RegisteredDatabase;
import dev.upkeep.common.fleet.Tool;
import dev.upkeep.common.task.Task;
import dev.upkeep.executor.database.Database;
import dev.upkeep.executor.database.Databases;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.operation.Catalogue;
import dev.upkeep.executor.operation.Tools;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Works out what this executor can and may do on each of its databases. Thread-safe. */
public final class Capabilities {
    private final Databases databases;
    private final Catalogue catalogue;
    private final Guardrails guardrails;
    private final List<Tools> tools;

    public Capabilities(Databases databases, Catalogue catalogue, Guardrails guardrails, List<Tools> tools) {
        this.databases = databases;
        this.catalogue = catalogue;
        this.guardrails = guardrails;
        this.tools = List.copyOf(tools);
    }

    Guardrails guardrails() {
        return guardrails;
    }

    List<Tool> tools() {
        return tools.stream().flatMap(family -> family.tools().stream()).toList();
    }

    List<RegisteredDatabase> databases(Probe probe) {
        return databases.all().stream()
                .map(database -> registered(database, probe.of(database.id())))
                .toList();
    }

    private RegisteredDatabase registered(Database database, DatabaseState state) {
        List<Refusal> missing = tools.stream()
                .flatMap(family -> family.refusals(database, state.version()).stream())
                .toList();
        List<String> accepted = new ArrayList<>();
        List<Refusal> refusals = new ArrayList<>();
        for (Class<? extends Task> kind : Task.kinds()) {
            String name = Task.nameOf(kind);
            Optional<String> whyNot = catalogue
                    .whyNot(kind, database.engine())
                    .or(() -> guardrails.taskRefusal(database.id(), name).map(reason -> reason.message()))
                    .or(() -> missing.stream()
                            .filter(refusal -> refusal.task().equals(name))
                            .map(Refusal::reason)
                            .findFirst());
            if (whyNot.isPresent()) {
                refusals.add(new Refusal(name, whyNot.get()));
            } else {
                accepted.add(name);
            }
        }
        return new RegisteredDatabase(
                database.id(),
                database.engine(),
                state.version(),
                database.labels(),
                state.problem(),
                accepted,
                refusals,
                state.systemIdentifier());
    }
}
