package dev.upkeep.common.request;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.upkeep.common.Check;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.fleet.Labels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One condition on labels: {@code env=prod}, {@code env!=test}, {@code tier in (gold, silver)}, {@code tier notin (bronze)},
 * {@code legacy} (has the key) or {@code !legacy} (has it not). As in Kubernetes, {@code !=} and {@code notin} also hold for
 * what lacks the key.
 */
public record LabelRule(String key, Operator operator, List<String> values) {
    private static final String RULE = "must be key=value, key!=value, key in (a, b), key notin (a, b), key or !key";
    private static final Pattern FORM = Pattern.compile(
            "\\s*(?:(?<not>!)\\s*(?<absent>[^\\s=!(),]+)"
                    + "|(?<key>[^\\s=!(),]+)\\s*(?:(?<op>!=|==?)\\s*(?<value>[^\\s=!(),]+)|(?<set>\\s(?:in|notin))\\s*\\((?<values>[^()]*)\\))?)\\s*");

    /** The comparisons there are. */
    public enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        ABSENT
    }

    public LabelRule {
        Check.text("labels", key, Labels.KEY, "a key must be a letter, then up to 62 letters, digits, _ . or -");
        values = Check.list("labels", values);
        values.forEach(value -> Check.text("labels." + key, value, Labels.VALUE, "is not a label's value"));
        if ((operator == Operator.IN || operator == Operator.NOT_IN) == values.isEmpty()) {
            throw new InvalidValue("labels", key, RULE);
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static LabelRule parse(String text) {
        Matcher matcher = FORM.matcher(Check.present("labels", text));
        if (!matcher.matches()) {
            throw new InvalidValue("labels", text, RULE);
        }
        if (matcher.group("not") != null) {
            return new LabelRule(matcher.group("absent"), Operator.ABSENT, List.of());
        }
        String key = matcher.group("key");
        if (matcher.group("op") != null) {
            Operator operator = matcher.group("op").equals("!=") ? Operator.NOT_IN : Operator.IN;
            return new LabelRule(key, operator, List.of(matcher.group("value")));
        }
        if (matcher.group("set") != null) {
            Operator operator = matcher.group("set").strip().equals("in") ? Operator.IN : Operator.NOT_IN;
            List<String> values = Arrays.stream(matcher.group("values").split(",", -1))
                    .map(String::strip)
                    .toList();
            return new LabelRule(key, operator, values);
        }
        return new LabelRule(key, Operator.EXISTS, List.of());
    }

    /** Whether labels meet the condition. */
    public boolean matches(Map<String, String> labels) {
        String value = labels.get(key);
        return switch (operator) {
            case IN -> value != null && values.contains(value);
            case NOT_IN -> value == null || !values.contains(value);
            case EXISTS -> value != null;
            case ABSENT -> value == null;
        };
    }

    /** The written form, which {@link #parse} reads back. */
    @JsonValue
    public String text() {
        return switch (operator) {
            case EXISTS -> key;
            case ABSENT -> "!" + key;
            case IN -> values.size() == 1 ? key + "=" + values.get(0) : key + " in (" + String.join(", ", values) + ")";
            case NOT_IN ->
                values.size() == 1 ? key + "!=" + values.get(0) : key + " notin (" + String.join(", ", values) + ")";
        };
    }

    @Override
    public String toString() {
        return text();
    }
}
