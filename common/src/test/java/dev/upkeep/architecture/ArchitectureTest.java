package dev.upkeep.architecture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules hold for common, and each of them can fail. */
class ArchitectureTest {
    private static final String PLANTED = "dev.upkeep.architecture.planted";
    private static final JavaClasses COMMON = Architecture.classesOf("dev.upkeep.common");

    static Stream<ArchRule> rules() {
        return Architecture.rules("dev.upkeep.common").stream();
    }

    static Stream<ArchRule> rulesAgainstThePlanted() {
        return Stream.of(
                Architecture.noCycles(PLANTED),
                Architecture.servicesAreApart("dev.upkeep.scheduler"),
                Architecture.packagesAreFeatures(),
                Architecture.namesAreNouns(),
                Architecture.packagesAreNullMarked(PLANTED),
                Architecture.nobodySleeps(),
                Architecture.nobodyLogsByJul());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void commonKeepsTheRule(ArchRule rule) {
        rule.check(COMMON);
    }

    @ParameterizedTest
    @MethodSource("rulesAgainstThePlanted")
    void thePlantedViolationIsFound(ArchRule rule) {
        JavaClasses planted = new ClassFileImporter().importPackages(PLANTED, "dev.upkeep.scheduler.planted");

        assertThatThrownBy(() -> rule.check(planted)).isInstanceOf(AssertionError.class);
    }

    @Test
    void commonKnowsNeitherQuarkusNorJdbc() {
        ArchRuleDefinition.noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..", "jakarta..", "java.sql..", "javax.sql..")
                .check(COMMON);
    }
}
