package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.fleet.Engine;
import dev.upkeep.common.id.CommandId;
import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.task.Backup.Compression;
import dev.upkeep.common.task.Backup.Method;
import dev.upkeep.common.task.Backup.State;
import dev.upkeep.common.task.ExpireBackups;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final ExpireBackups LAST_TWO = rules(Optional.of(2), Optional.empty(), Optional.empty());

    private static ExpireBackups rules(Optional<Integer> last, Optional<Integer> daily, Optional<Integer> weekly) {
        return new ExpireBackups(last, daily, weekly, Optional.empty(), Optional.empty(), Optional.empty());
    }

    static Manifest backup(String takenAt, Method method, State state, Optional<String> problem) {
        Instant at = Instant.parse(takenAt);
        DatabaseId database = new DatabaseId("shop");
        return new Manifest(
                BackupName.of(database, new CommandId("c/" + at), at, method, Compression.ZSTD, false),
                database,
                method == Method.ONLINE ? Engine.SQLITE : Engine.POSTGRESQL,
                method,
                state,
                new CommandId("c/" + at),
                at,
                Duration.ofSeconds(1),
                new Manifest.StoredFile(10, 20, 30, "00", Compression.ZSTD, Optional.empty()),
                new Manifest.Versions("15.1", "pg_dump 15.1", Optional.empty()),
                Optional.empty(),
                Optional.of(at),
                Optional.empty(),
                problem);
    }

    private static Manifest verified(String takenAt) {
        return backup(takenAt, Method.LOGICAL, State.VERIFIED, Optional.empty());
    }

    private static List<String> kept(List<Retention.Decision> plan) {
        return plan.stream()
                .filter(Retention.Decision::keep)
                .map(decision -> decision.backup().takenAt().toString())
                .toList();
    }

    @Test
    void keepsTheNewestOfEachOfTheLastSoManyDaysAndWeeks() {
        List<Manifest> backups = List.of(
                verified("2026-11-21T02:00:00Z"),
                verified("2026-11-20T14:00:00Z"),
                verified("2026-11-20T02:00:00Z"),
                verified("2026-11-18T02:00:00Z"),
                verified("2026-11-13T02:00:00Z"),
                verified("2026-11-12T02:00:00Z"),
                verified("2026-10-30T02:00:00Z"));

        List<Retention.Decision> plan =
                new Retention(rules(Optional.empty(), Optional.of(2), Optional.of(3)), NOW, Set.of()).plan(backups);

        assertThat(kept(plan))
                .containsExactly(
                        "2026-11-21T02:00:00Z", "2026-11-20T14:00:00Z", "2026-11-13T02:00:00Z", "2026-10-30T02:00:00Z");
        assertThat(plan.get(0).reasons())
                .contains(
                        "the newest verified logical backup",
                        "daily: the newest of 2026-11-21",
                        "weekly: the newest of 2026-W47");
        assertThat(plan.get(2).reasons()).containsExactly("no rule keeps it");
    }

    @Test
    void keepsWhatIsExactlyAsOldAsTheRuleSays() {
        ExpireBackups within = new ExpireBackups(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Duration.ofDays(2)),
                Optional.empty());
        List<Manifest> backups = List.of(
                verified("2026-11-20T00:00:00Z"), verified("2026-11-19T12:00:00Z"), verified("2026-11-19T11:59:59Z"));

        assertThat(kept(new Retention(within, NOW, Set.of()).plan(backups)))
                .containsExactly("2026-11-20T00:00:00Z", "2026-11-19T12:00:00Z");
    }

    @Test
    void doesNotCountADamagedBackup() {
        List<Manifest> backups = List.of(
                backup("2026-11-21T02:00:00Z", Method.LOGICAL, State.TAKEN, Optional.of("it has a wrong checksum")),
                verified("2026-11-20T02:00:00Z"),
                verified("2026-11-19T02:00:00Z"),
                verified("2026-11-18T02:00:00Z"));

        assertThat(kept(new Retention(LAST_TWO, NOW, Set.of()).plan(backups)))
                .containsExactly("2026-11-21T02:00:00Z", "2026-11-20T02:00:00Z", "2026-11-19T02:00:00Z");
    }

    @Test
    void plansEachKindForItself() {
        List<Manifest> backups = List.of(
                verified("2026-11-21T02:00:00Z"),
                verified("2026-11-20T02:00:00Z"),
                verified("2026-11-19T02:00:00Z"),
                backup("2026-11-01T02:00:00Z", Method.PHYSICAL, State.VERIFIED, Optional.empty()));

        assertThat(kept(new Retention(LAST_TWO, NOW, Set.of()).plan(backups)))
                .containsExactly("2026-11-21T02:00:00Z", "2026-11-20T02:00:00Z", "2026-11-01T02:00:00Z");
    }

    @Test
    void keepsWhatAPersonHolds() {
        Manifest old = verified("2025-01-01T02:00:00Z");
        List<Manifest> backups = List.of(verified("2026-11-21T02:00:00Z"), verified("2026-11-20T02:00:00Z"), old);

        List<Retention.Decision> plan = new Retention(LAST_TWO, NOW, Set.of(old.name())).plan(backups);

        assertThat(plan.get(2).keep()).isTrue();
        assertThat(plan.get(2).reasons()).containsExactly("hold: a person has put a hold on it");
    }

    @Test
    void neverRemovesTheNewestVerifiedOneWhateverTheRulesTheClockAndTheHolds() {
        for (long seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            List<Manifest> backups = anyBackups(random);
            Set<String> held = backups.stream()
                    .map(Manifest::name)
                    .filter(name -> random.nextInt(10) == 0)
                    .collect(Collectors.toSet());
            Instant now = NOW.plus(Duration.ofDays(random.nextInt(20_000) - 10_000));

            List<Retention.Decision> plan = new Retention(anyRules(random), now, held).plan(backups);

            assertThat(plan).as("seed %d", seed).hasSameSizeAs(backups);
            for (String kind : backups.stream().map(Manifest::kind).collect(Collectors.toSet())) {
                Optional<Manifest> newest = backups.stream()
                        .filter(backup -> backup.kind().equals(kind) && backup.isVerified())
                        .max(java.util.Comparator.comparing(Manifest::takenAt));
                newest.ifPresent(backup -> assertThat(plan)
                        .filteredOn(decision -> decision.backup().takenAt().equals(backup.takenAt())
                                && decision.backup().kind().equals(kind)
                                && decision.backup().isVerified())
                        .anyMatch(Retention.Decision::keep));
            }
            assertThat(plan)
                    .filteredOn(decision -> !decision.keep())
                    .noneMatch(decision -> held.contains(decision.backup().name()));
        }
    }

    private static List<Manifest> anyBackups(Random random) {
        List<Manifest> backups = new ArrayList<>();
        int count = random.nextInt(12);
        for (int i = 0; i < count; i++) {
            Instant at = NOW.minus(Duration.ofHours(random.nextInt(24 * 400) - 1_000))
                    .plusNanos(i);
            State state = List.of(State.TAKEN, State.VERIFIED, State.PROVEN).get(random.nextInt(3));
            Optional<String> problem = random.nextInt(4) == 0 ? Optional.of("damaged") : Optional.empty();
            backups.add(backup(at.toString(), random.nextBoolean() ? Method.LOGICAL : Method.PHYSICAL, state, problem));
        }
        return backups;
    }

    private static ExpireBackups anyRules(Random random) {
        return new ExpireBackups(
                Optional.of(1 + random.nextInt(3)).filter(count -> random.nextBoolean()),
                Optional.of(1 + random.nextInt(3)).filter(count -> random.nextBoolean()),
                Optional.of(1 + random.nextInt(3)).filter(count -> random.nextBoolean()),
                Optional.of(1 + random.nextInt(3)).filter(count -> random.nextBoolean()),
                Optional.of(Duration.ofHours(1 + random.nextInt(1_000))),
                Optional.of(1 + random.nextInt(3)).filter(count -> random.nextBoolean()));
    }
}
