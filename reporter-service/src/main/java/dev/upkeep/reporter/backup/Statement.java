package dev.upkeep.reporter.backup;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.common.result.Result;
import dev.upkeep.common.result.TaskResult;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one task says about one backup. What it does not speak of is empty.
 *
 * @param at when it said so
 * @param gone when it removed the backup
 */
record Statement(
        String name,
        Instant at,
        Instant takenAt,
        Optional<String> method,
        Optional<String> state,
        Optional<Long> bytes,
        Optional<Long> sourceBytes,
        Optional<Instant> verifiedAt,
        Optional<Instant> provenAt,
        Optional<String> problem,
        Optional<Instant> gone) {
    private static final Pattern TIME = Pattern.compile("-(\\d{8}T\\d{6})Z-");
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss");
    private static final int MOST = 2_000;

    /** All that a task's report says about backups; reports of other forms say nothing. */
    static List<Statement> of(Result result, TaskResult task, Instant at) {
        List<Statement> statements = new ArrayList<>();
        JsonNode report = task.report().filter(given -> !result.dryRun()).orElse(null);
        if (report == null) {
            return statements;
        }
        switch (task.task()) {
            case "backup" -> {
                if (task.outcome().isGood() && !report.path("name").asText().isEmpty()) {
                    statements.add(listed(report, at));
                }
            }
            case "list-backups" -> some(report.path("backups")).forEach(one -> statements.add(listed(one, at)));
            case "verify-backup" -> some(report.path("backups")).forEach(one -> statements.add(listed(one, at)));
            case "expire-backups" -> {
                if (task.outcome().isGood()) {
                    some(report.path("decisions")).stream()
                            .filter(one -> !one.path("keep").asBoolean(true))
                            .forEach(one -> statements.add(listed(one, at).removed(at)));
                }
            }
            case "restore-drill" -> drilled(report, at).ifPresent(statements::add);
            default -> {
                // speaks of no backups
            }
        }
        return statements;
    }

    private static List<JsonNode> some(JsonNode list) {
        List<JsonNode> some = new ArrayList<>();
        for (JsonNode one : list) {
            if (some.size() < MOST && !one.path("name").asText().isEmpty()) {
                some.add(one);
            }
        }
        return some;
    }

    private static Statement listed(JsonNode one, Instant at) {
        String name = one.path("name").asText();
        Optional<String> state = text(one, "state");
        Optional<Instant> verified = time(one, "verifiedAt")
                .or(() -> state.filter(is -> !is.equals("taken")).map(is -> at));
        return new Statement(
                name,
                at,
                time(one, "takenAt").or(() -> inName(name)).orElse(at),
                text(one, "method"),
                state,
                number(one, "bytes"),
                number(one, "sourceBytes"),
                verified,
                time(one, "provenAt"),
                text(one, "problem"),
                Optional.empty());
    }

    private static Optional<Statement> drilled(JsonNode report, Instant at) {
        String name = report.path("backup").asText();
        boolean proven = report.path("proven").asBoolean();
        String difference = report.path("differences").path(0).asText();
        return name.isEmpty()
                ? Optional.empty()
                : Optional.of(new Statement(
                        name,
                        at,
                        inName(name).orElse(at),
                        Optional.empty(),
                        proven ? Optional.of("proven") : Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        proven ? Optional.of(at) : Optional.empty(),
                        proven ? Optional.of(at) : Optional.empty(),
                        proven ? Optional.empty() : Optional.of("the restored copy differs: " + difference),
                        Optional.empty()));
    }

    private Statement removed(Instant when) {
        return new Statement(
                name,
                at,
                takenAt,
                method,
                state,
                bytes,
                sourceBytes,
                Optional.empty(),
                provenAt,
                problem,
                Optional.of(when));
    }

    private static Optional<String> text(JsonNode node, String field) {
        return node.path(field).isTextual() ? Optional.of(node.path(field).asText()) : Optional.empty();
    }

    private static Optional<Long> number(JsonNode node, String field) {
        return node.path(field).isIntegralNumber()
                ? Optional.of(node.path(field).asLong())
                : Optional.empty();
    }

    private static Optional<Instant> time(JsonNode node, String field) {
        try {
            return text(node, field).map(Instant::parse);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Executors put the time of a backup into its name. */
    private static Optional<Instant> inName(String name) {
        Matcher matcher = TIME.matcher(name);
        try {
            return matcher.find()
                    ? Optional.of(LocalDateTime.parse(matcher.group(1), FORM).toInstant(ZoneOffset.UTC))
                    : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
