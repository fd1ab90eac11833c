package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.TableName;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * PostgreSQL: gives tables the storage parameters that are configured for them, and reports where they had drifted. A dry run
 * only reports.
 *
 * @param tables at least one
 */
public record TuneAutovacuum(List<Tuning> tables) implements Task {
    private static final Pattern NAME = Pattern.compile(
            "(toast\\.)?(autovacuum_[a-z_]{1,50}|fillfactor|vacuum_[a-z_]{1,50}|log_autovacuum_min_duration)");
    private static final Pattern VALUE = Pattern.compile("-?\\d{1,18}(\\.\\d{1,9})?|on|off|true|false|auto");

    /** One table's parameters by name; a value of {@code reset} takes the parameter away. */
    public record Tuning(TableName table, Map<String, String> parameters) {
        public Tuning {
            Check.present("table", table);
            parameters = Check.map("parameters", parameters);
            if (parameters.isEmpty()) {
                throw new InvalidValue("parameters", "{}", "must name at least one");
            }
            parameters.forEach((name, value) -> {
                Check.text("parameters", name, NAME, "must be an autovacuum_ or vacuum_ parameter or fillfactor");
                if (!value.equals("reset")) {
                    Check.text("parameters." + name, value, VALUE, "must be a number, on, off, auto or reset");
                }
            });
        }
    }

    public TuneAutovacuum {
        tables = Check.notEmpty("tables", tables);
        Check.between("tables", tables.size(), 1, 1_000);
    }

    @Override
    public Effect effect() {
        return Effect.MUTATING;
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** What was changed, tables left alone because of a lock, and how many parameters were right already. */
    public record Report(List<Change> changes, List<TableName> locked, int unchanged) {}

    /** One parameter; empty text for not set. */
    public record Change(TableName table, String parameter, String before, String after) {}
}
