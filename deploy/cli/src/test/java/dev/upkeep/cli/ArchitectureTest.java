package dev.upkeep.cli;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import dev.upkeep.architecture.Architecture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {
    private static final JavaClasses CLASSES = Architecture.classesOf("dev.upkeep.cli");

    static Stream<ArchRule> rules() {
        return Architecture.rules("dev.upkeep.cli").stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void keepsTheRule(ArchRule rule) {
        rule.check(CLASSES);
    }
}
