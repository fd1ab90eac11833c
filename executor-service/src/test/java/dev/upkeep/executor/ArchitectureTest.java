package dev.upkeep.executor;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.upkeep.architecture.Architecture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the whole project hold for the executor, and two of its own: families of operations stand alone, and know no Kafka. */
class ArchitectureTest {
    private static final String OPERATION = "dev.upkeep.executor.operation";
    private static final JavaClasses EXECUTOR = Architecture.classesOf("dev.upkeep.executor");

    static Stream<ArchRule> rules() {
        return Architecture.rules("dev.upkeep.executor").stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theRulesHold(ArchRule rule) {
        rule.check(EXECUTOR);
    }

    @Test
    void familiesDoNotKnowEachOther() {
        apart(OPERATION).check(EXECUTOR);
    }

    @Test
    void theRuleAboutFamiliesCanFail() {
        JavaClasses planted = new ClassFileImporter().importPackages("dev.upkeep.executor.planted");

        assertThatThrownBy(() -> apart("dev.upkeep.executor.planted").check(planted))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Alpha");
    }

    @Test
    void operationsKnowNoKafkaAndNoJournal() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(OPERATION + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.kafka..",
                        "dev.upkeep.common.kafka..",
                        "dev.upkeep.executor.journal..",
                        "dev.upkeep.executor.run..",
                        "dev.upkeep.executor.publish..")
                .check(EXECUTOR);
    }

    /** All may use what an engine's families share, stores and encryption; optimize and migration are made of other families' tasks. */
    private static ArchRule apart(String root) {
        return slices().matching(root + ".(*)..")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(
                        DescribedPredicate.alwaysTrue(),
                        in(root + ".postgres", root + ".sqlite", root + ".store", root + ".encryption"))
                .ignoreDependency(in(root + ".optimize", root + ".migration"), DescribedPredicate.alwaysTrue());
    }

    private static DescribedPredicate<JavaClass> in(String... packages) {
        return JavaClass.Predicates.resideInAnyPackage(packages);
    }
}
