package dev.upkeep.executor.operation.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.executor.operation.sqlite.Confined;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults of a disk, made for real on a small one: full, filling, and out of inodes. */
class HostDisksTest {
    @TempDir
    Path folder;

    @Test
    void findsADiskThatIsFullThatFillsAndThatRunsOutOfInodesUntilItIsMended() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));

        List<String> looks = Confined.run(
                "mount -t tmpfs -o size=32m,nr_inodes=100 none " + disk, DiskMain.class, List.of(disk.toString()), "");

        assertThat(looks)
                .containsExactly(
                        "new: ",
                        "two hours and 8 MiB later: disk-full-in CRITICAL",
                        "a day later: ",
                        "85 % full: disk-full-in CRITICAL, disk-used WARNING",
                        "95 % full: disk-full-in CRITICAL, disk-used CRITICAL",
                        "emptied: ",
                        "85 inodes of 100: inodes-used WARNING",
                        "95 inodes of 100: inodes-used CRITICAL",
                        "emptied: ");
    }

    @Test
    void readsWhatDfTells() {
        assertThat(HostDisks.usedOf("tmpfs 2048 512 1536 25% /a b")).contains(0.25);
        assertThat(HostDisks.usedOf("btrfs 0 0 0 - /srv")).isEmpty();
        assertThat(HostDisks.usedOf("")).isEmpty();
    }

    @Test
    void saysNothingOfAPathThatIsNotHere() throws Exception {
        assertThat(new HealthMemory().disks().under(Path.of("/nowhere/at/all"))).isEmpty();
        assertThat(new HealthMemory().disks().under(folder.resolve("not/yet"))).isPresent();
    }
}
