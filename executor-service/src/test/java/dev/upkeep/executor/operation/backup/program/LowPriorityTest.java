package dev.upkeep.executor.operation.backup.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class LowPriorityTest {
    private static final Path SELF = Path.of("/proc/thread-self/stat");

    private static String nice(String stat) {
        // the name before it, in brackets, may hold spaces; nice is the 19th field, the 17th after the name
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16];
    }

    @Test
    void lowersTheWorkAndAllThatItStarts() throws Exception {
        String before = nice(Files.readString(SELF));

        List<String> found = LowPriority.call(() -> {
            FutureTask<String> other = new FutureTask<>(() -> nice(Files.readString(SELF)));
            new Thread(other).start();
            String program = Program.textOf(Path.of("/bin/cat"), "/proc/self/stat");
            return List.of(nice(Files.readString(SELF)), other.get(), nice(program));
        });

        assertThat(found).containsExactly("19", "19", "19");
        assertThat(nice(Files.readString(SELF))).isEqualTo(before);
    }

    @Test
    void throwsWhatTheWorkThrew() {
        assertThatThrownBy(() -> LowPriority.call(() -> {
                    throw new IOException("broken");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("broken");
    }

    @Test
    void startsGentleProgramsAtTheLowestPriority() throws Exception {
        ProgramOrder order =
                new ProgramOrder(Path.of("/bin/cat"), List.of("/proc/self/stat"), Map.of(), List.of(), List.of(), true);

        try (Program program = Program.start(order)) {
            program.input().close();
            assertThat(nice(new String(program.output().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)))
                    .isEqualTo("19");
        }
    }
}
