package dev.upkeep.scheduler;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.upkeep.architecture.Architecture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the whole project hold for the scheduler, and one of its own: what decides knows nothing of Kafka's clients. */
class ArchitectureTest {
    private static final JavaClasses SCHEDULER = Architecture.classesOf("dev.upkeep.scheduler");

    static Stream<ArchRule> rules() {
        return Architecture.rules("dev.upkeep.scheduler").stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theRulesHold(ArchRule rule) {
        rule.check(SCHEDULER);
    }

    @Test
    void whatDecidesHasNoConsumersOrProducers() {
        deciding("dev.upkeep.scheduler").check(SCHEDULER);
    }

    @Test
    void theRuleAboutDecidingCanFail() {
        JavaClasses planted = new ClassFileImporter().importPackages("dev.upkeep.scheduler.planted");

        assertThatThrownBy(() -> deciding("dev.upkeep.scheduler.planted").check(planted))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Dreamer");
    }

    private static ArchRule deciding(String root) {
        return ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage(
                        root + ".timetable..",
                        root + ".policy..",
                        root + ".fleet..",
                        root + ".control..",
                        root + ".firing..",
                        root + ".request..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("org\\.apache\\.kafka\\.clients\\..*(Consumer|Producer|Admin)");
    }
}
