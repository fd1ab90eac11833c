package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.task.Purge;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Archived rows come back as they were, for each type in the server's own list of types and arrays of it. A type of a newer server
 * without a sample makes it fail.
 */
class PostgresTypesTest {
    /** Types whose values nobody can write: the server keeps its own things in them. */
    private static final Set<String> INTERNAL = Set.of(
            "gtsvector",
            "pg_node_tree",
            "pg_ndistinct",
            "pg_dependencies",
            "pg_mcv_list",
            "pg_brin_bloom_summary",
            "pg_brin_minmax_multi_summary");
    /** Its arrays cannot be written by a constructor, as they are arrays themselves. */
    private static final Set<String> VECTORS = Set.of("int2vector", "oidvector");

    private static final Map<String, List<String>> SAMPLES = samples();

    @TempDir
    Path folder;

    private static Map<String, List<String>> samples() {
        Map<String, List<String>> samples = new TreeMap<>();
        samples.put("bool", List.of("t", "f"));
        samples.put("bytea", List.of("\\x00ff10", "", "\\x5c27"));
        samples.put("char", List.of("x", "\\377", ""));
        samples.put("name", List.of("n \"q\"", ""));
        samples.put("int2", List.of("-32768", "32767"));
        samples.put("int4", List.of("-2147483648", "2147483647"));
        samples.put("int8", List.of("-9223372036854775808", "9223372036854775807"));
        samples.put("int2vector", List.of("1 2", ""));
        samples.put("oidvector", List.of("1 4294967295", ""));
        samples.put("text", List.of("tab\t \"q\" \\ \r\n é 😀 'it''s' \\N {} , ", "", "NULL", "\u0001\u007f\ufeff"));
        samples.put("varchar", List.of("ab  ", ""));
        samples.put("bpchar", List.of("ab", ""));
        samples.put("oid", List.of("4294967295"));
        samples.put("tid", List.of("(4294967295,65535)"));
        samples.put("xid", List.of("4294967295"));
        samples.put("xid8", List.of("18446744073709551615"));
        samples.put("cid", List.of("4294967295"));
        samples.put("json", List.of("{\"b\": 1.0,  \"b\": null, \"u\": \"\\u00e9\\n\"}", "null"));
        samples.put("jsonb", List.of("{\"b\": 1.00, \"a\": [null, \"\"]}", "1e400"));
        samples.put("jsonpath", List.of("$.\"a b\"[*]?(@ > 1)", "strict $"));
        samples.put("xml", List.of("<a>&amp;<!-- c --></a>", "text only", ""));
        samples.put("point", List.of("(0.1,-0)", "(NaN,Infinity)"));
        samples.put("lseg", List.of("[(0,0),(1e-300,1)]"));
        samples.put("path", List.of("((0,0),(1,1))", "[(0,0),(1,1)]"));
        samples.put("box", List.of("(1,1),(0,0)"));
        samples.put("polygon", List.of("((0,0),(1,1),(1,0))"));
        samples.put("line", List.of("{1,2,3}"));
        samples.put("circle", List.of("<(1,2),3.3>"));
        samples.put("float4", List.of("1e-45", "NaN", "-Infinity", "-0", "0.1"));
        samples.put("float8", List.of("5e-324", "NaN", "Infinity", "-0", "0.30000000000000004"));
        samples.put(
                "numeric",
                List.of("NaN", "1.50", "-0.000000000000000000000000001", "123456789012345678901234567890.1"));
        samples.put("money", List.of("-12.34", "92233720368547758.07"));
        samples.put("macaddr", List.of("08:00:2b:01:02:03"));
        samples.put("macaddr8", List.of("08:00:2b:01:02:03:04:05"));
        samples.put("inet", List.of("::1/64", "10.1.2.3"));
        samples.put("cidr", List.of("10.0.0.0/8", "::/0"));
        samples.put("aclitem", List.of("=r/USER"));
        samples.put("date", List.of("4713-01-01 BC", "infinity", "-infinity", "5874897-12-31"));
        samples.put("time", List.of("24:00:00", "00:00:00.000001"));
        samples.put("timetz", List.of("23:59:59.999999-15:59", "24:00:00+02"));
        samples.put("timestamp", List.of("infinity", "0044-03-15 12:00:00 BC", "294276-12-31 23:59:59.999999"));
        samples.put("timestamptz", List.of("-infinity", "0044-03-15 12:00:00+00 BC", "1883-11-18 12:03:57+00"));
        samples.put("interval", List.of("-1 year -2 mons +3 days -04:05:06.789", "178000000 years", "0"));
        samples.put("bit", List.of("1", "0"));
        samples.put("varbit", List.of("10101", ""));
        samples.put("refcursor", List.of("a cursor"));
        samples.put("regproc", List.of("now", "-"));
        samples.put("regprocedure", List.of("abs(integer)"));
        samples.put("regoper", List.of("||/"));
        samples.put("regoperator", List.of("+(integer,integer)"));
        samples.put("regclass", List.of("pg_class", "4294967295"));
        samples.put("regcollation", List.of("\"C\""));
        samples.put("regtype", List.of("integer", "timestamp with time zone"));
        samples.put("regrole", List.of("USER"));
        samples.put("regnamespace", List.of("pg_catalog"));
        samples.put("regdatabase", List.of("postgres"));
        samples.put("regconfig", List.of("english"));
        samples.put("regdictionary", List.of("simple"));
        samples.put("uuid", List.of("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
        samples.put("pg_lsn", List.of("16/B374D848", "FFFFFFFF/FFFFFFFF"));
        samples.put("tsvector", List.of("'a':1A 'it''s':2 'b c'", ""));
        samples.put("tsquery", List.of("'a' & !'b' <-> 'c':*A", ""));
        samples.put("txid_snapshot", List.of("10:20:10,14"));
        samples.put("pg_snapshot", List.of("10:20:10,14", "1:1:"));
        samples.put("int4range", List.of("[1,5)", "empty", "(,)"));
        samples.put("int8range", List.of("[1,5)"));
        samples.put("numrange", List.of("(,1.50]", "[NaN,NaN]"));
        samples.put("tsrange", List.of("[\"2010-01-01 14:30:00\",infinity)"));
        samples.put("tstzrange", List.of("(-infinity,\"2010-01-01 14:30:00+00\"]"));
        samples.put("daterange", List.of("[2010-01-01,infinity)"));
        samples.put("int4multirange", List.of("{[1,2),[5,9)}", "{}"));
        samples.put("int8multirange", List.of("{(,)}"));
        samples.put("nummultirange", List.of("{[1.10,2.20)}"));
        samples.put("tsmultirange", List.of("{[\"2010-01-01 14:30:00\",)}"));
        samples.put("tstzmultirange", List.of("{[\"2010-01-01 14:30:00+00\",)}"));
        samples.put("datemultirange", List.of("{[2010-01-01,2010-01-02),[2011-01-01,)}"));
        return samples;
    }

    @ParameterizedTest
    @EnumSource
    void bringsBackEachTypeOfTheServerAndArraysOfIt(Purge.Archive format) throws Exception {
        try (Site site = new PostgresSite(folder)) {
            List<String> types =
                    site.column("SELECT typname FROM pg_type t WHERE typnamespace = 'pg_catalog'::regnamespace"
                            + " AND typtype IN ('b', 'r', 'm') AND typisdefined"
                            + " AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) ORDER BY 1");
            types.removeAll(INTERNAL);
            assertThat(SAMPLES.keySet()).containsAll(types);
            String user = site.column("SELECT quote_ident(current_user)").get(0);
            List<String> columns = new ArrayList<>();
            for (String type : types) {
                columns.add("\"v " + type + "\" pg_catalog.\"" + type + "\"");
                columns.add("\"a " + type + "\" pg_catalog.\"" + type + "\"[]");
            }
            site.execute("CREATE TABLE everything (id int PRIMARY KEY, at timestamptz, " + String.join(", ", columns)
                    + ", own text)");
            int most = SAMPLES.values().stream()
                    .map(List::size)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            for (int i = 0; i < most; i++) {
                site.execute(row(types, i, user));
            }
            userTypes(site);
            String all = "SELECT t::text FROM everything t ORDER BY id";
            String others = "SELECT t::text FROM made t ORDER BY id";
            List<String> before = site.column(all);
            List<String> madeBefore = site.column(others);

            String receipt = Site.report(
                            site.purge(Site.archiving(format, Site.rule("everything", "at"), Site.rule("made", "at"))))
                    .receipt()
                    .orElseThrow();
            List<String> between = site.column(all);
            site.restore(receipt);

            assertThat(types).hasSizeGreaterThan(60);
            assertThat(between).isEmpty();
            assertThat(site.column(all)).isEqualTo(before).hasSize(most);
            assertThat(site.column(others)).isEqualTo(madeBefore).hasSize(2);
        }
    }

    private static String row(List<String> types, int number, String user) {
        StringBuilder names = new StringBuilder("id, at");
        StringBuilder values = new StringBuilder(number + ", '2026-01-01Z'");
        for (String type : types) {
            List<String> samples = SAMPLES.getOrDefault(type, List.of());
            if (number < samples.size()) {
                String value = "CAST('" + samples.get(number).replace("'", "''").replace("USER", user)
                        + "' AS pg_catalog.\"" + type + "\")";
                names.append(", \"v ").append(type).append('"');
                values.append(", ").append(value);
                if (!VECTORS.contains(type)) {
                    names.append(", \"a ").append(type).append('"');
                    values.append(", ARRAY[NULL, ").append(value).append("]");
                }
            }
        }
        return "INSERT INTO everything (" + names + ") VALUES (" + values + ")";
    }

    /** Types that people make of others, one in the other. */
    private static void userTypes(Site site) throws Exception {
        site.execute(
                "CREATE TYPE \"Mood!\" AS ENUM ('sad', 'it''s \"ok\"', ' ')",
                "CREATE DOMAIN share AS numeric(4, 3) CHECK (VALUE <= 1)",
                "CREATE DOMAIN shares AS share[]",
                "CREATE TYPE pair AS (a share, \"b \"\"c\" text, d \"Mood!\"[])",
                "CREATE TYPE nested AS (p pair, q pair[])",
                "CREATE TYPE spread AS RANGE (subtype = float8)",
                "CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, m \"Mood!\", ms"
                        + " \"Mood!\"[], s share, ss shares, p pair, n nested, ns nested[], r spread, rs spread[], i2"
                        + " interval day to second(2), t0 timestamp(0), b3 bit(3), c5 char(5)[], v varchar(3),"
                        + " a3 int[][], g text GENERATED ALWAYS AS (v || '!') STORED, k serial)",
                "INSERT INTO made (at, m, ms, s, ss, p, n, ns, r, rs, i2, t0, b3, c5, v, a3) VALUES ('2026-01-01Z',"
                        + " 'it''s \"ok\"', '{\" \",NULL}', 0.125, '{0.5,NULL}', ROW(0.1, E'\\\\\"(,)', '{sad}'),"
                        + " ROW(ROW(NULL, '', NULL), ARRAY[ROW(1, 'x', '{}')::pair, NULL]),"
                        + " ARRAY[ROW(NULL, NULL)::nested], '(0.1,Infinity]', '{\"[1,2)\",empty}', '3 days 04:05:06.78',"
                        + " '2026-01-01 00:00:00.6', '101', '{ab,\"a  \"}', 'a b', '[2:3][5:6]={{1,2},{3,NULL}}')",
                "INSERT INTO made (at) VALUES ('2026-01-01Z')");
    }
}
