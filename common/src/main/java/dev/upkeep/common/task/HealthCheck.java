package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.ColumnName;
import dev.upkeep.common.id.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Looks at everything that can be wrong with a database, in one read-only session.
 *
 * @param profile how deep; quick if absent
 * @param thresholds limits by check name, in the check's own unit (see docs/health-checks.md), over the built-in ones; a key
 *     {@code name@table} is for one table
 * @param retention how long tables are meant to keep their rows; older ones are a finding
 * @param leases SQLite: queues whose leases that have run out are counted
 */
public record HealthCheck(
        Optional<Profile> profile, Map<String, Limits> thresholds, List<Retention> retention, List<Leases> leases)
        implements Task {
    private static final Pattern CHECK = Pattern.compile("[a-z][a-z0-9-]{0,63}(@[^@\\p{Cntrl}]{1,140})?");

    /** How deep to look. */
    public enum Profile {
        /** Costs little however large the database is. */
        QUICK,
        /** Also what must read the data, such as SQLite's quick_check. */
        FULL
    }

    /**
     * What a table is meant to keep.
     *
     * @param column says how old a row is
     * @param keep rows older than this should be gone
     * @param format how the column's number or text is to be read; absent for columns of a time type
     */
    public record Retention(TableName table, ColumnName column, Duration keep, Optional<Purge.TimeFormat> format) {
        public Retention {
            Check.present("table", table);
            Check.present("column", column);
            Check.positive("keep", keep);
        }
    }

    /**
     * A task queue.
     *
     * @param state the column that says whether a row is leased
     * @param leased the state of rows under a lease
     * @param expires the column that says when the lease runs out; null counts as not leased
     * @param format how that column's number or text is to be read; absent for columns of a time type
     * @param grace how long after its end a lease does not count yet; 5 minutes if absent
     */
    public record Leases(
            TableName table,
            ColumnName state,
            String leased,
            ColumnName expires,
            Optional<Purge.TimeFormat> format,
            Optional<Duration> grace) {
        public Leases {
            Check.present("table", table);
            Check.present("state", state);
            Check.line("leased", leased, 200);
            Check.present("expires", expires);
            grace.ifPresent(time -> Check.positive("grace", time));
        }
    }

    /** When to warn and when to call it critical; absent keeps the limit of the level below. */
    public record Limits(Optional<Double> warning, Optional<Double> critical) {
        public Limits {
            warning.ifPresent(value -> finite("warning", value));
            critical.ifPresent(value -> finite("critical", value));
            if (warning.isEmpty() && critical.isEmpty()) {
                throw new InvalidValue("thresholds", "{}", "must give warning, critical, or both");
            }
        }

        private static void finite(String field, double value) {
            if (!Double.isFinite(value)) {
                throw new InvalidValue(field, Double.toString(value), "must be finite");
            }
        }
    }

    public HealthCheck {
        thresholds = Check.map("thresholds", thresholds);
        retention = Check.list("retention", retention);
        leases = Check.list("leases", leases);
        thresholds
                .keySet()
                .forEach(name -> Check.text("thresholds", name, CHECK, "must be a check's name, or name@table"));
    }

    /** Without leases. */
    public HealthCheck(Optional<Profile> profile, Map<String, Limits> thresholds, List<Retention> retention) {
        this(profile, thresholds, retention, List.of());
    }

    /** Without retentions and leases. */
    public HealthCheck(Optional<Profile> profile, Map<String, Limits> thresholds) {
        this(profile, thresholds, List.of(), List.of());
    }

    /** The quick look with the limits of the executor. */
    public static HealthCheck quick() {
        return new HealthCheck(Optional.of(Profile.QUICK), Map.of());
    }

    @Override
    public Effect effect() {
        return Effect.READ_ONLY;
    }

    @Override
    public boolean isHeavy() {
        return profile.isPresent() && profile.get() == Profile.FULL;
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** What was looked at; what is wrong is in the findings. */
    public record Report(int checks, int critical, int warnings, Map<String, String> facts) {}
}
