package dev.upkeep.executor.operation.purge;

import dev.upkeep.common.result.Code;
import dev.upkeep.common.task.Purge;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Says in SQLite's SQL which rows are older than a cutoff. SQLite has no time types and any value can be in any column, so each
 * value is looked at by what it is: a number for epoch formats, a text of one of the known forms for ISO text. All else stays.
 */
final class SqliteTime {
    private static final String DAY = "'[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'";
    private static final String TIME = "'[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9]*'";

    private SqliteTime() {}

    static Age age(Table table, Purge.Rule rule, Instant cutoff, String column, Sql condition) {
        Purge.TimeFormat format = rule.format().orElseGet(() -> inferred(table, rule));
        return switch (format) {
            case EPOCH_SECONDS -> {
                BigDecimal seconds =
                        BigDecimal.valueOf(cutoff.getEpochSecond()).add(BigDecimal.valueOf(cutoff.getNano(), 9));
                yield number(table, rule, seconds, "%s", new Place(cutoff, column, condition));
            }
            case EPOCH_MILLIS ->
                number(
                        table,
                        rule,
                        BigDecimal.valueOf(cutoff.toEpochMilli()),
                        "%s / 1000.0",
                        new Place(cutoff, column, condition));
            case ISO_TEXT -> text(table, rule, new Place(cutoff, column, condition));
        };
    }

    private record Place(Instant cutoff, String column, Sql condition) {}

    private static Age number(Table table, Purge.Rule rule, BigDecimal bound, String epoch, Place place) {
        Object value = bound.stripTrailingZeros().scale() <= 0 ? (Object) bound.longValueExact() : bound.doubleValue();
        // not for the index, which SQLite searches by one bound on each side, and not always by the nearer one
        Sql stale = Sql.of(
                "typeof(" + place.column() + ") IN ('integer', 'real') AND +" + place.column() + " < ? AND +"
                        + place.column() + " > -9e999",
                value);
        return new Age(
                place.column(),
                stale,
                place.condition(),
                epoch,
                order(table, rule, Sql.of(place.column() + " < ?", value)),
                place.cutoff());
    }

    private static Age text(Table table, Purge.Rule rule, Place place) {
        String c = place.column();
        String plain =
                "replace(CASE WHEN " + c + " GLOB '*+00:00' THEN substr(" + c + ", 1, length(" + c + ") - 6) WHEN " + c
                        + " GLOB '*Z' THEN substr(" + c + ", 1, length(" + c + ") - 1) ELSE " + c + " END, 'T', ' ')";
        String fraction = "substr(" + plain + ", 20)";
        Sql stale = Sql.of(
                "typeof(" + c + ") = 'text' AND " + c + " NOT GLOB '?????00*' AND " + c
                        + " NOT GLOB '????????00*' AND CASE WHEN " + c + " GLOB " + DAY + " AND julianday(" + c
                        + ") IS NOT NULL THEN " + c
                        + " COLLATE BINARY < ?"
                        + " WHEN " + plain + " GLOB " + TIME + " AND (" + fraction + " = '' OR (" + fraction
                        + " GLOB '.[0-9]*' AND substr(" + fraction + ", 2) NOT GLOB '*[^0-9]*')) AND julianday(" + plain
                        + ") IS NOT NULL THEN " + plain
                        + " COLLATE BINARY < ? ELSE 0 END",
                LocalTimes.isoDay(place.cutoff()),
                LocalTimes.iso(place.cutoff()));
        Sql bound = Sql.of(c + " < ?", LocalTimes.isoDay(place.cutoff()) + "~");
        return new Age(c, stale, place.condition(), "%s", order(table, rule, bound), place.cutoff());
    }

    private static Optional<Age.Order> order(Table table, Purge.Rule rule, Sql bound) {
        return table.isOrderedBy(rule.column().column()) ? Optional.of(new Age.Order("", bound)) : Optional.empty();
    }

    private static Purge.TimeFormat inferred(Table table, Purge.Rule rule) {
        String type = table.column(rule.column().column())
                .map(Table.Column::type)
                .orElse("")
                .toUpperCase(Locale.ROOT);
        if (type.contains("CHAR") || type.contains("TEXT") || type.contains("DATE") || type.contains("TIME")) {
            return Purge.TimeFormat.ISO_TEXT;
        }
        throw new Refused(
                Code.INVALID,
                "format: absent (column " + rule.column() + " of " + table.name() + " is declared as '" + type
                        + "': must be epoch-seconds, epoch-millis or iso-text)");
    }
}
