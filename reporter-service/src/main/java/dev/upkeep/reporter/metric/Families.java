package dev.upkeep.reporter.metric;

import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gathers the families of one scrape. Two that differ only in kind cannot both be shown: the first stays, and the samples of the
 * other are counted in {@link #hidden}.
 */
public final class Families {
    private record Family(Collector.Type type, String help, List<Sample> samples) {}

    private static final String TOTAL = "_total";

    private final Map<String, Family> families = new LinkedHashMap<>();
    private int hidden;

    /** Adds a level. */
    public void gauge(String name, String help, Map<String, String> labels, double value) {
        add(Collector.Type.GAUGE, name, name, help, labels, value);
    }

    /** Adds a time as seconds since 1970. */
    public void time(String name, String help, Map<String, String> labels, Instant value) {
        gauge(name, help, labels, value.toEpochMilli() / 1000.0);
    }

    /** Adds a sum; {@code name} ends in {@code _total}. */
    public void counter(String name, String help, Map<String, String> labels, double value) {
        String family = name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : name;
        add(Collector.Type.COUNTER, family, family + TOTAL, help, labels, value);
    }

    private void add(
            Collector.Type type, String name, String sample, String help, Map<String, String> labels, double value) {
        Family family = families.computeIfAbsent(name, key -> new Family(type, help, new ArrayList<>()));
        if (family.type() != type) {
            hidden++;
            return;
        }
        Map<String, String> sorted = new TreeMap<>(labels);
        family.samples().add(new Sample(sample, List.copyOf(sorted.keySet()), List.copyOf(sorted.values()), value));
    }

    /** How many samples could not be shown. */
    public int hidden() {
        return hidden;
    }

    List<MetricFamilySamples> all() {
        List<MetricFamilySamples> all = new ArrayList<>();
        families.forEach((name, family) ->
                all.add(new MetricFamilySamples(name, family.type(), family.help(), family.samples())));
        return all;
    }
}
