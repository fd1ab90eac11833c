package dev.upkeep.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/** The rules; each takes the root package of one module, such as {@code dev.upkeep.executor}. */
public final class Architecture {
    private static final Set<String> LAYERS =
            Set.of("util", "utils", "helper", "helpers", "impl", "model", "dto", "service", "services", "misc");
    private static final String VAGUE =
            ".*(Manager|Processor|Helper|Helpers|Util|Utils|Impl)|Abstract[A-Z].*|I[A-Z][a-z].*Interface";
    private static final List<String> SERVICES =
            List.of("dev.upkeep.scheduler", "dev.upkeep.executor", "dev.upkeep.reporter");

    private Architecture() {}

    /** The main classes of a module. */
    public static JavaClasses classesOf(String root) {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("/planted/"))
                .importPackages(root);
    }

    /** All rules that hold for every module. */
    public static List<ArchRule> rules(String root) {
        return List.of(
                noCycles(root),
                servicesAreApart(root),
                packagesAreFeatures(),
                namesAreNouns(),
                packagesAreNullMarked(root),
                nobodySleeps(),
                nobodyLogsByJul());
    }

    /** Packages are free of cycles. */
    public static ArchRule noCycles(String root) {
        return slices().matching(root + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);
    }

    /** The services never import each other, and common imports nothing of ours. */
    public static ArchRule servicesAreApart(String root) {
        List<String> others =
                SERVICES.stream().filter(service -> !root.startsWith(service)).toList();
        String[] forbidden = others.stream().map(service -> service + "..").toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .allowEmptyShould(true);
    }

    /** No package is named after a layer. */
    public static ArchRule packagesAreFeatures() {
        return noClasses().should(new ArchCondition<>("reside in a package that is named after a layer") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (String part : type.getPackageName().split("\\.", -1)) {
                    if (LAYERS.contains(part)) {
                        events.add(SimpleConditionEvent.satisfied(type, type.getName() + " is in package " + part));
                    }
                }
            }
        });
    }

    /** No type has a name that says nothing. */
    public static ArchRule namesAreNouns() {
        return noClasses()
                .that(areOurs())
                .should()
                .haveSimpleName("Manager")
                .orShould()
                .haveNameMatching(".*\\.(" + VAGUE + ")");
    }

    /** Every package says that nothing is null unless it says so. */
    public static ArchRule packagesAreNullMarked(String root) {
        return ArchRuleDefinition.classes()
                .that()
                .resideInAPackage(root + "..")
                .should(new ArchCondition<>("be in a package with @NullMarked") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                            events.add(SimpleConditionEvent.violated(
                                    type, type.getPackageName() + " has no @NullMarked package-info"));
                        }
                    }
                });
    }

    /** Nobody waits by sleeping. */
    public static ArchRule nobodySleeps() {
        return noClasses()
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "Thread.sleep",
                        call -> call.getTargetOwner().isEquivalentTo(Thread.class)
                                && call.getName().equals("sleep")));
    }

    /** Logging goes through one door. */
    public static ArchRule nobodyLogsByJul() {
        return noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.util.logging.Logger");
    }

    private static DescribedPredicate<JavaClass> areOurs() {
        return DescribedPredicate.describe(
                "are ours", type -> type.getPackageName().startsWith("dev.upkeep"));
    }
}
