package dev.upkeep.scheduler.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.common.id.PolicyName;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoliciesTest {
    private static final String GOOD = """
            name: nightly-backup
            description: Every night at two
            owner: data platform
            select: {labels: [env=prod, "tier in (gold, silver)"], engines: [postgresql]}
            schedule: {cron: "0 2 * * *", zone: Europe/Berlin, spread: 30m, missed: run, overlap: queue}
            window: {start: "01:30", duration: 4h, days: [monday, tuesday]}
            tasks:
              - {type: backup, keep: 7}
              - {type: analyze, onFailure: continue}
            startWithin: 1h
            finishWithin: 3h
            rollout: {canary: 1, waves: [10, 50], maxParallel: 5, group: cluster, stopAfter: {failures: 3, percent: 10}}
            retry: {attempts: 2, backoff: 10m}
            alertIfMissing: 36h
            pauseAfter: 5
            """;

    @TempDir
    private Path folder;

    private Policies policies;

    @BeforeEach
    void read() throws IOException {
        Files.writeString(folder.resolve("nightly.yaml"), GOOD);
        policies = new Policies(folder);
        policies.reload();
    }

    private List<String> names() {
        return policies.inForce().all().stream()
                .map(policy -> policy.name().text())
                .toList();
    }

    @Test
    void readsEveryKey() {
        Policy policy =
                policies.inForce().find(new PolicyName("nightly-backup")).orElseThrow();

        assertThat(policies.errors()).isEmpty();
        assertThat(policy.rollout().orElseThrow().group()).contains("cluster");
        assertThat(policy.retry().orElseThrow().pauseBefore(2)).isEqualTo(Duration.ofMinutes(20));
        assertThat(policy.schedule().overlap()).contains(Overlap.QUEUE);
        assertThat(policy.alertIfMissing()).contains(Duration.ofHours(36));
        assertThat(policy.dryRun()).isFalse();
        assertThat(new String(Wire.write(policy), java.nio.charset.StandardCharsets.UTF_8))
                .contains("36H");
    }

    @Test
    void takesFilesThatComeChangeAndGo() throws IOException {
        Files.writeString(folder.resolve("more.yml"), GOOD.replace("nightly-backup", "more"));
        policies.reload();
        assertThat(names()).containsExactly("more", "nightly-backup");

        Files.writeString(folder.resolve("more.yml"), GOOD.replace("nightly-backup", "other"));
        policies.reload();
        assertThat(names()).containsExactly("nightly-backup", "other");

        Files.delete(folder.resolve("nightly.yaml"));
        policies.reload();
        assertThat(names()).containsExactly("other");
    }

    @Test
    void keepsTheLastGoodSetWhileAnyFileIsBad() throws IOException {
        Files.writeString(folder.resolve("good.yaml"), GOOD.replace("nightly-backup", "good"));
        Files.writeString(folder.resolve("typo.yaml"), GOOD.replace("schedule", "shedule"));
        policies.reload();

        assertThat(names()).containsExactly("nightly-backup");
        assertThat(policies.errors()).hasSize(1);
        assertThat(policies.errors().get(0).toString()).startsWith("typo.yaml:5: shedule: unknown key");

        Files.delete(folder.resolve("typo.yaml"));
        policies.reload();
        assertThat(names()).containsExactly("good", "nightly-backup");
        assertThat(policies.errors()).isEmpty();
    }

    @Test
    void refusesANameThatAnotherFileHas() throws IOException {
        Files.writeString(folder.resolve("second.yaml"), GOOD);
        policies.reload();

        assertThat(policies.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.message()).contains("already taken by nightly.yaml"));
    }

    @Test
    void leavesOtherFilesAlone() throws IOException {
        Files.writeString(folder.resolve(".hidden.yaml"), "nonsense");
        Files.writeString(folder.resolve("README.md"), "# nonsense");
        policies.reload();

        assertThat(policies.errors()).isEmpty();
    }

    @Test
    void saysSoWhenTheFolderIsGoneAndKeepsThePolicies() throws IOException {
        Files.delete(folder.resolve("nightly.yaml"));
        Files.delete(folder);
        policies.reload();

        assertThat(names()).containsExactly("nightly-backup");
        assertThat(policies.errors().get(0).message()).contains("upkeep.policies.directory");
    }
}
