package dev.upkeep.scheduler.timetable;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.upkeep.common.InvalidValue;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Optional;

/**
 * Fires by a UNIX cron expression of five fields, read in a time zone.
 *
 * <p>The fields are matched on local times without a zone; this class then says which instant a local time is. An expression
 * that names hours fires exactly once per named time: a time that a change of the clock leaves out fires at the first instant
 * after the gap, one that the change repeats fires the first time only. An expression with {@code *} for the hour follows the
 * time that passes: it fires in both of two repeated hours and does not make up for hours that never were.
 */
public final class CronTimetable implements Timetable {
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    private static final String RULE =
            "must be a UNIX cron expression of five fields: minute, hour, day of month, month, day of week";

    private final String expression;
    private final ExecutionTime fields;
    private final ZoneRules rules;
    private final boolean everyHour;

    private CronTimetable(String expression, ExecutionTime fields, ZoneRules rules, boolean everyHour) {
        this.expression = expression;
        this.fields = fields;
        this.rules = rules;
        this.everyHour = everyHour;
    }

    /** Reads an expression; refuses one that cannot be read, and one that never fires, such as the 30th of February. */
    public static CronTimetable of(String expression, ZoneId zone) {
        String[] parts = expression.strip().split("\\s+", -1);
        if (parts.length != 5) {
            throw new InvalidValue("cron", expression, RULE);
        }
        CronTimetable timetable;
        try {
            Cron cron = PARSER.parse(expression.strip()).validate();
            timetable = new CronTimetable(
                    expression.strip(), ExecutionTime.forCron(cron), zone.getRules(), parts[1].equals("*"));
        } catch (IllegalArgumentException e) {
            throw new InvalidValue("cron", expression, RULE + "; " + e.getMessage());
        }
        if (timetable.nextLocal(LocalDateTime.of(2024, 1, 1, 0, 0)).isEmpty()) {
            throw new InvalidValue("cron", expression, "never fires: there is no such day");
        }
        return timetable;
    }

    @Override
    public Optional<Instant> next(Instant after) {
        return everyHour ? nextPassing(after) : nextNamed(after);
    }

    private Optional<Instant> nextNamed(Instant after) {
        Optional<LocalDateTime> local = nextLocal(LocalDateTime.ofInstant(after, rules.getOffset(after)));
        while (local.isPresent() && !instant(local.get()).isAfter(after)) {
            local = nextLocal(local.get());
        }
        return local.map(this::instant);
    }

    private Instant instant(LocalDateTime local) {
        List<ZoneOffset> offsets = rules.getValidOffsets(local);
        return offsets.isEmpty() ? rules.getTransition(local).getInstant() : local.toInstant(offsets.get(0));
    }

    private Optional<Instant> nextPassing(Instant after) {
        Instant from = after;
        boolean inclusive = false;
        while (true) {
            ZoneOffset offset = rules.getOffset(from);
            LocalDateTime start = LocalDateTime.ofInstant(from, offset);
            Optional<Instant> next =
                    nextLocal(inclusive ? start.minusSeconds(1) : start).map(local -> local.toInstant(offset));
            ZoneOffsetTransition change = rules.nextTransition(from);
            if (change == null || next.isEmpty() || next.get().isBefore(change.getInstant())) {
                return next;
            }
            from = change.getInstant();
            inclusive = true;
        }
    }

    private Optional<LocalDateTime> nextLocal(LocalDateTime after) {
        return fields.nextExecution(after.atZone(ZoneOffset.UTC)).map(ZonedDateTime::toLocalDateTime);
    }

    @Override
    public String toString() {
        return expression;
    }
}
