package dev.upkeep.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SheetTest {
    private final Sheet sheet = new Sheet("a title").column("seconds", "theirs").column("MB");

    @Test
    void showsEachFigureWithItsRatioToTheNamedAlternative() {
        sheet.row("ours", 3, 12.34);
        sheet.row("theirs", 2, Double.NaN);

        assertThat(printed())
                .contains("**a title**")
                .contains("| ours | 3 (1.50x) | 12.3 |")
                .contains("| theirs | 2 (1.00x) | – |")
                .contains("x in seconds: times that of \"theirs\".");
        assertThat(sheet.ratio("ours", "seconds")).contains(1.5);
    }

    @Test
    void showsNoRatioWithoutTheAlternative() {
        sheet.row("ours", 3, 12.34);

        assertThat(printed()).contains("| ours | 3 | 12.3 |");
    }

    private String printed() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        sheet.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
