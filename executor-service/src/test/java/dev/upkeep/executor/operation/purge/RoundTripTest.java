package dev.upkeep.executor.operation.purge;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.task.Purge;
import dev.upkeep.executor.operation.encryption.Keys;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** Archived rows come back as they were, whatever type they are of. */
class RoundTripTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void bringsBackEveryTypeOfPostgres(Purge.Archive format) throws Exception {
        try (Site site = new PostgresSite(folder)) {
            site.execute(
                    "CREATE TYPE mood AS ENUM ('sad', 'it''s \"ok\"')",
                    "CREATE TYPE pair AS (a integer, b text)",
                    "CREATE DOMAIN share AS numeric(4, 3) CHECK (VALUE <= 1)",
                    "CREATE TABLE \"All Types\" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz,"
                            + " i2 int2, i4 int4, i8 int8, n numeric, n2 numeric(12,2), r float4, d float8, m money, b"
                            + " boolean, c \"char\", bp char(5), v varchar(9), t text, ba bytea, ts timestamp, da date, ti"
                            + " time, tz timetz, iv interval, u uuid, j json, jb jsonb, x xml, ia int[], ta text[][], e"
                            + " mood, p pair, s share, ir int4range, tr tstzrange, im int4multirange, pt point, bx box, pl"
                            + " polygon, ci circle, ls lseg, pa path, li line, ip inet, ne cidr, ma macaddr, m8 macaddr8,"
                            + " bi bit(3), vb varbit, tv tsvector, tq tsquery, ln pg_lsn, o oid, rc regclass, g integer"
                            + " GENERATED ALWAYS AS (i4 * 2) STORED)",
                    "INSERT INTO \"All Types\" (at, i2, i4, i8, n, n2, r, d, m, b, c, bp, v, t, ba, ts, da, ti, tz,"
                            + " iv, u, j, jb, x, ia, ta, e, p, s, ir, tr, im, pt, bx, pl, ci, ls, pa, li, ip, ne, ma, m8,"
                            + " bi, vb, tv, tq, ln, o, rc) VALUES ('2026-01-01T00:00:00.123456Z', -32768, 1073741823,"
                            + " -9223372036854775808, 'NaN', 0.10, '1.1754944e-38', 0.1::float8 + 0.2::float8, 12.34,"
                            + " false, 'x', 'ab', '', E'tab\\t\"quote\\\\ \\n"
                            + " é 😀', '\\x00ff10', 'infinity', '-infinity', '23:59:59.999999', '24:00:00+02', '-1 year 2"
                            + " mons -3 days 04:05:06.7', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"b\": 1.0,  \"b\":"
                            + " null}', '{\"b\": 1.0}', '<a>&amp;</a>', '{1,NULL,3}', '{{\"a,b\",NULL},{\"\",\"\\\"\"}}',"
                            + " 'it''s \"ok\"', ROW(1, NULL), 0.125, '[1,5)', '[2026-01-01,)', '{[1,2),[5,9)}', '(1,2)',"
                            + " '((0,0),(1,1))', '((0,0),(1,1),(1,0))', '<(1,2),3>', '[(0,0),(1,1)]', '[(0,0),(1,1)]',"
                            + " '{1,2,3}', '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '101',"
                            + " '10', 'a:1 b:2A', 'a & !b', '16/B374D848', 42, 'pg_class')",
                    "INSERT INTO \"All Types\" (at, n, d, r) VALUES ('2026-01-01T00:00:00Z', 'Infinity', '-Infinity',"
                            + " 'NaN'), ('2026-01-01T00:00:00Z', 123456789012345678901234567890.000001, '-0', '1e-40'),"
                            + " ('2026-11-01T00:00:00Z', 1, 1, 1)");
            String all = "SELECT \"All Types\"::text FROM \"All Types\" ORDER BY id";
            List<String> before = site.column(all);

            String receipt = Site.report(site.purge(Site.archiving(format, Site.rule("\"All Types\"", "at"))))
                    .receipt()
                    .orElseThrow();
            List<String> between = site.column(all);
            site.restore(receipt);

            assertThat(between).hasSize(1);
            assertThat(site.column(all)).isEqualTo(before).hasSize(4);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bringsBackEveryValueOfSqlite(Purge.Archive format) throws Exception {
        try (Site site = new SqliteSite(folder)) {
            site.execute("CREATE TABLE everything (id INTEGER PRIMARY KEY, at TEXT, a, n NUMERIC, r REAL,"
                    + " g TEXT GENERATED ALWAYS AS (at || '!') STORED, h AS (id + 1), t TEXT, b BLOB)");
            List<String> values = List.of(
                    "NULL",
                    "1",
                    "1.0",
                    "-0.0",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "9e999",
                    "-9e999",
                    "5e-324",
                    "1.7976931348623157e308",
                    "''",
                    "'text'",
                    "'12'",
                    "'1e3'",
                    "'é😀'",
                    "char(0, 65, 0)",
                    "x''",
                    "x'00ff'",
                    "x'6162'",
                    "CAST(x'ff41' AS TEXT)",
                    "CAST(x'c328' AS TEXT)",
                    "'\"' || char(10, 13, 9, 92)",
                    "char(13) || ' , ; ' || char(10)",
                    "'{\"blob\":\"AA==\"}'",
                    "char(39) || '12'",
                    "char(39)",
                    "'-0.0'",
                    "'1' || char(10)",
                    "'9223372036854775808'",
                    "char(65279, 65)",
                    "' a '",
                    "'#'",
                    "'NULL'",
                    "'null'",
                    "0.1 + 0.2");
            for (int i = 0; i < values.size(); i++) {
                String value = values.get(i);
                site.execute("INSERT INTO everything (id, at, a, n, r, t, b) VALUES (" + i + ", '2026-01-01', " + value
                        + ", " + value + ", " + value + ", " + value + ", " + value + ")");
            }
            String row = "SELECT id || at || g || h || "
                    + List.of("a", "n", "r", "t", "b").stream()
                            .map(column -> "'|' || typeof(" + column + ") || '|' || coalesce(hex(CAST(" + column
                                    + " AS BLOB)), '') || CASE typeof(" + column
                                    + ") WHEN 'real' THEN printf('%!.20e', " + column
                                    + ") ELSE '' END")
                            .reduce((left, right) -> left + " || " + right)
                            .orElseThrow()
                    + " FROM everything ORDER BY id";
            List<String> before = site.column(row);

            String receipt = Site.report(site.purge(Site.archiving(format, Site.rule("everything", "at"))))
                    .receipt()
                    .orElseThrow();
            List<String> between = site.column(row);
            site.restore(receipt);

            assertThat(between).isEmpty();
            assertThat(site.column(row)).isEqualTo(before).hasSize(values.size());
        }
    }

    @Test
    void writesCsvThatPostgresReadsByItself() throws Exception {
        try (Site site = new PostgresSite(folder)) {
            site.execute(
                    "CREATE TABLE parents (id int PRIMARY KEY, at timestamptz)",
                    "CREATE TABLE children (\"The, \"\"Parent\" int REFERENCES parents, t text, ba bytea, ta text[])",
                    "CREATE INDEX ON children (\"The, \"\"Parent\")",
                    "INSERT INTO parents SELECT g, '2026-01-01Z' FROM generate_series(1, 70) g",
                    "INSERT INTO children SELECT g, (ARRAY['', NULL, E'a\"b\\r\\n,c\\\\', ' x ', E'\\\\.', E'\\\\N',"
                            + " 'NULL'])[g % 7 + 1], '\\x00ff', ARRAY[NULL, '', 'a,\"b'] FROM generate_series(1, 70) g",
                    "CREATE TABLE parents_copy (LIKE parents)",
                    "CREATE TABLE children_copy (LIKE children)");
            site.with("batch-rows", "20");
            List<String> parents = site.column("SELECT p::text FROM parents p ORDER BY 1");
            List<String> children = site.column("SELECT c::text FROM children c ORDER BY 1");

            String receipt = Site.report(site.purge(Site.archiving(Purge.Archive.CSV, Site.rule("parents", "at"))))
                    .receipt()
                    .orElseThrow();
            Path archive = Receipt.folder(site.directory, Site.ID).resolve(receipt);
            List<String> parts =
                    ArchivedParts.here(archive).stream().map(Receipt.Part::file).toList();
            CopyManager copy = site.application().unwrap(PGConnection.class).getCopyAPI();
            try (InputStream in = new ZstdInputStream(Files.newInputStream(archive.resolve(parts.get(0))))) {
                copy.copyIn("COPY children_copy FROM STDIN (FORMAT csv, HEADER true)", in);
            }
            try (InputStream in = new ZstdInputStream(Files.newInputStream(archive.resolve(parts.get(1))))) {
                copy.copyIn("COPY parents_copy FROM STDIN (FORMAT csv, HEADER true)", in);
            }

            assertThat(parts).containsExactly("part-00001.csv.zst", "part-00002.csv.zst");
            assertThat(new ArchiveReader(archive, Engine.POSTGRESQL, Keys.none()).batches())
                    .isGreaterThan(3);
            assertThat(site.column("SELECT p::text FROM parents_copy p ORDER BY 1"))
                    .isEqualTo(parents);
            assertThat(site.column("SELECT c::text FROM children_copy c ORDER BY 1"))
                    .isEqualTo(children);
            assertThat(site.column("SELECT id FROM parents")).isEmpty();

            site.restore(receipt);

            assertThat(site.column("SELECT p::text FROM parents p ORDER BY 1")).isEqualTo(parents);
            assertThat(site.column("SELECT c::text FROM children c ORDER BY 1")).isEqualTo(children);
        }
    }

    @Test
    void refusesAnArchiveThatWasDamaged() throws Exception {
        try (Site site = new SqliteSite(folder)) {
            site.execute(
                    "CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT)",
                    "INSERT INTO events VALUES (1, '2026-01-01')");
            String receipt = Site.report(site.purge(Site.archiving(Site.rule("events", "at"))))
                    .receipt()
                    .orElseThrow();
            Path part = Receipt.folder(site.directory, Site.ID).resolve(receipt).resolve("part-00001.jsonl.zst");
            byte[] bytes = java.nio.file.Files.readAllBytes(part);
            bytes[bytes.length / 2] ^= 1;
            java.nio.file.Files.write(part, bytes);

            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> site.restore(receipt)))
                    .hasMessageContaining("is damaged at byte 0");
            assertThat(site.column("SELECT count(*) FROM events")).containsExactly("0");
        }
    }
}
