package dev.upkeep.bench.report;

import dev.upkeep.common.InvalidValue;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was given as {@code --name value}. Immutable. */
public record Options(Map<String, String> values) {
    public Options {
        values = Map.copyOf(values);
    }

    /** @throws InvalidValue for what is no option, and for one without a value */
    public static Options parse(List<String> arguments) {
        Map<String, String> values = new TreeMap<>();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String name = rest.next();
            if (!name.startsWith("--") || !rest.hasNext()) {
                throw new InvalidValue("argument", name, "must be --option value");
            }
            values.put(name.substring(2), rest.next());
        }
        return new Options(values);
    }

    public String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    public int number(String name, int otherwise) {
        String given = values.get(name);
        if (given == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(given.replace("_", ""));
        } catch (NumberFormatException e) {
            throw new InvalidValue("--" + name, given, "must be a whole number");
        }
    }
}
