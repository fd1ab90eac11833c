package dev.upkeep.bench;

import com.tngtech.archunit.lang.ArchRule;
import dev.upkeep.architecture.Architecture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the whole project hold here, too. */
class ArchitectureTest {
    static Stream<ArchRule> rules() {
        return Architecture.rules("dev.upkeep.bench").stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theRulesHold(ArchRule rule) {
        rule.check(Architecture.classesOf("dev.upkeep.bench"));
    }
}
