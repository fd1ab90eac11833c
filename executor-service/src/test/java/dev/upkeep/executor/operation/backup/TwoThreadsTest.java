package dev.upkeep.executor.operation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TwoThreadsTest {
    private static byte[] content(int bytes) {
        byte[] content = new byte[bytes];
        new Random(7).nextBytes(content);
        return content;
    }

    @Test
    void writesAllInOrder() throws IOException {
        byte[] content = content(3_000_001);
        ByteArrayOutputStream to = new ByteArrayOutputStream();

        try (WriteBehind behind = WriteBehind.start(to)) {
            for (int at = 0; at < content.length; at += 7777) {
                behind.write(content, at, Math.min(7777, content.length - at));
            }
            behind.finish();
        }

        assertThat(to.toByteArray()).isEqualTo(content);
    }

    @Test
    void throwsWhatTheWriterThrew() {
        AtomicLong written = new AtomicLong();
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }

            @Override
            public void write(byte[] bytes, int offset, int count) throws IOException {
                written.addAndGet(count);
                write(0);
            }
        };
        byte[] content = content(10_000_000);

        try (WriteBehind behind = WriteBehind.start(full)) {
            assertThatThrownBy(() -> {
                        behind.write(content, 0, content.length);
                        behind.finish();
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessage("No space left on device");
        }
        assertThat(written.get()).isLessThan(1_000_000);
    }

    @Test
    void readsAllInOrder() throws IOException {
        byte[] content = content(3_000_001);

        try (ReadAhead ahead = ReadAhead.start(new ByteArrayInputStream(content))) {
            assertThat(ahead.readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    void throwsWhatTheReaderThrew() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new StoredInput.Damaged("broken", new IOException());
            }

            @Override
            public int read(byte[] bytes, int offset, int count) throws IOException {
                return read();
            }
        };

        try (ReadAhead ahead = ReadAhead.start(broken)) {
            assertThatThrownBy(ahead::readAllBytes).isInstanceOf(StoredInput.Damaged.class);
        }
    }

    @Test
    void leavesTheSourceUsableWhenClosedEarly() throws IOException {
        ByteArrayInputStream source = new ByteArrayInputStream(content(50_000_000));

        try (ReadAhead ahead = ReadAhead.start(source)) {
            assertThat(ahead.readNBytes(10)).hasSize(10);
        }

        assertThat(source.available()).isGreaterThan(40_000_000);
        assertThat(source.read()).isNotNegative();
    }
}
