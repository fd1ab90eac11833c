package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Says in PostgreSQL's SQL which rows are older than a cutoff, for each type of column that can say a time. */
final class PostgresTime {
    private static final String DAY = "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])";
    private static final String DATE = "'" + DAY + "$'";
    private static final String DATE_TIME =
            "'" + DAY + "[T ]([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?(Z|\\+00:00)?$'";

    private final Table table;
    private final Purge.Rule rule;
    private final Instant cutoff;
    private final Optional<ZoneId> zone;
    private final String column;

    PostgresTime(Table table, Purge.Rule rule, Instant cutoff, Optional<ZoneId> zone, String column) {
        this.table = table;
        this.rule = rule;
        this.cutoff = cutoff.truncatedTo(ChronoUnit.MICROS);
        this.zone = zone;
        this.column = column;
    }

    /**
     * The predicate.
     *
     * @param base the name of the column's type in {@code pg_type}, domains resolved
     */
    Age age(String base, Sql condition) {
        return switch (base) {
            case "timestamptz" -> time("timestamptz", cutoff.toString(), "extract(epoch from %s)", condition);
            case "timestamp" -> timestamp(condition);
            case "date" ->
                time(
                        "date",
                        LocalTimes.day(cutoff, zone.orElse(ZoneOffset.UTC)).toString(),
                        "extract(epoch from %s::timestamp AT TIME ZONE '" + zone.orElse(ZoneId.of("UTC")) + "')",
                        condition);
            case "int2", "int4", "int8" -> number("bigint", condition);
            case "numeric" -> number("numeric", condition);
            case "float4", "float8" -> number("double precision", condition);
            case "text", "varchar", "bpchar" -> text(condition);
            default ->
                throw new Refused(
                        Code.INVALID,
                        "column: " + rule.column() + " (is of type " + base + " in " + table.name()
                                + ", which says no time)");
        };
    }

    private Age timestamp(Sql condition) {
        ZoneId known = zone.orElseThrow(() -> new Refused(
                Code.INVALID,
                "column: " + rule.column() + " (is of type timestamp without time zone in " + table.name()
                        + "; say in upkeep.purge.databases.<id>.time-zone which zone its times are in)"));
        return time(
                "timestamp",
                LocalTimes.bound(cutoff, known).toString(),
                "extract(epoch from %s AT TIME ZONE '" + known + "')",
                condition);
    }

    private Age time(String type, String bound, String epoch, Sql condition) {
        refuseFormat();
        Sql stale = Sql.of(column + " < CAST(? AS " + type + ") AND " + column + " > '-infinity'", bound);
        return new Age(column, stale, condition, epoch, order(type, stale), cutoff);
    }

    private Age number(String type, Sql condition) {
        Purge.TimeFormat format = rule.format()
                .filter(given -> given != Purge.TimeFormat.ISO_TEXT)
                .orElseThrow(() -> new Refused(
                        Code.INVALID,
                        "format: " + rule.format().map(Enum::toString).orElse("absent") + " (column " + rule.column()
                                + " of " + table.name() + " is a number: must be epoch-seconds or epoch-millis)"));
        boolean isSeconds = format == Purge.TimeFormat.EPOCH_SECONDS;
        BigDecimal seconds = BigDecimal.valueOf(cutoff.getEpochSecond()).add(BigDecimal.valueOf(cutoff.getNano(), 9));
        BigDecimal bound = isSeconds ? seconds : seconds.movePointRight(3);
        boolean isWhole = type.equals("bigint");
        Sql stale = Sql.of(
                column + " < CAST(? AS " + type + ")",
                (isWhole ? bound.setScale(0, RoundingMode.CEILING) : bound.stripTrailingZeros()).toPlainString());
        if (type.equals("double precision")) {
            stale = stale.then(" AND ", Sql.of(column + " > '-Infinity'"));
        } else if (type.equals("numeric")) {
            stale = stale.then(" AND ", Sql.of(column + " > -1e30"));
        }
        return new Age(
                column,
                stale,
                condition,
                isSeconds ? "%s::numeric" : "(%s::numeric / 1000)",
                order(type, stale),
                cutoff);
    }

    private Age text(Sql condition) {
        if (rule.format().filter(given -> given != Purge.TimeFormat.ISO_TEXT).isPresent()) {
            throw new Refused(
                    Code.INVALID,
                    "format: " + rule.format().get() + " (column " + rule.column() + " of " + table.name()
                            + " is a text: must be iso-text)");
        }
        String plain = "regexp_replace(replace(" + column + "::text, 'T', ' '), '(Z|\\+00:00)$', '')";
        Sql stale = Sql.of(
                "CASE WHEN " + column + "::text ~ " + DATE + " THEN " + column
                        + "::text COLLATE \"C\" < CAST(? AS text) WHEN "
                        + column + "::text ~ " + DATE_TIME + " THEN " + plain
                        + " COLLATE \"C\" < CAST(? AS text) ELSE false END",
                LocalTimes.isoDay(cutoff),
                LocalTimes.iso(cutoff));
        return new Age(column, stale, condition, "%s", Optional.empty(), cutoff);
    }

    private Optional<Age.Order> order(String type, Sql bound) {
        return table.isOrderedBy(rule.column().column()) ? Optional.of(new Age.Order(type, bound)) : Optional.empty();
    }

    private void refuseFormat() {
        rule.format().ifPresent(format -> {
            throw new Refused(
                    Code.INVALID,
                    "format: " + format + " (column " + rule.column() + " of " + table.name()
                            + " is of a time type: leave format out)");
        });
    }
}
