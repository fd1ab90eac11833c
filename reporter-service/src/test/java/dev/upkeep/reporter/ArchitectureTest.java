package dev.upkeep.reporter;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import dev.upkeep.architecture.Architecture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules that hold for every module; that each can fail is shown beside them, in common. */
class ArchitectureTest {
    private static final String ROOT = "dev.upkeep.reporter";
    private static final JavaClasses REPORTER = Architecture.classesOf(ROOT);

    static Stream<ArchRule> rules() {
        return Architecture.rules(ROOT).stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theReporterKeepsTheRule(ArchRule rule) {
        rule.check(REPORTER);
    }
}
