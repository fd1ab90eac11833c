package dev.upkeep.common.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.common.InvalidValue;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {
    private static final Map<String, Class<?>> KNOWN =
            Map.of("limit", int.class, "over", boolean.class, "policy", String.class);

    @ParameterizedTest
    @CsvSource({"limit, 10", "limit, -1", "over, true", "over, false", "policy, anything", "policy, ''"})
    void takesWhatIsOfItsType(String name, String value) {
        assertThatCode(() -> Query.check(KNOWN, Map.of(name, List.of(value)))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            limit, many,       must be a whole number
            limit, '',         must be a whole number
            limit, 1.5,        must be a whole number
            limit, 9999999999, must be a whole number
            limit, 0x10,       must be a whole number
            over,  maybe,      must be true or false
            over,  TRUE,       must be true or false
            over,  '',         must be true or false
            limt,  5,          'unknown parameter; known are: limit, over, policy'
            """)
    void namesTheParameterOfWhatIsNot(String name, String value, String rule) {
        assertThatThrownBy(() -> Query.check(KNOWN, Map.of(name, List.of(value))))
                .isInstanceOf(InvalidValue.class)
                .hasMessageStartingWith(name + ": " + value)
                .hasMessageContaining(rule);
    }

    @Test
    void refusesAParameterThatIsGivenTwice() {
        assertThatThrownBy(() -> Query.check(KNOWN, Map.of("limit", List.of("1", "2"))))
                .hasMessage("limit: 1,2 (must be given once)");
    }

    @Test
    void readsTheTextFormOfAConstant() {
        assertThat(Query.oneOf("role", "operator", Role.class)).contains(Role.OPERATOR);
        assertThat(Query.oneOf("role", null, Role.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"OPERATOR", "op", "operator "})
    void refusesWhatIsNoConstantAndNamesThoseThereAre(String value) {
        assertThatThrownBy(() -> Query.oneOf("role", value, Role.class))
                .isInstanceOf(InvalidValue.class)
                .hasMessage("role: " + value + " (must be one of: viewer, operator, admin)");
    }

    @Retention(RetentionPolicy.RUNTIME)
    @interface Named {
        String value();
    }

    static class Gathered {
        @Named("from")
        String from = "";

        @Named("limit")
        int limit;

        String other = "";
    }

    static final class Endpoint {
        @SuppressWarnings("unused")
        void list(@Named("over") boolean over, String body, Gathered gathered) {}
    }

    @Test
    void knowsWhatAnEndpointDeclaresOfItsArgumentsAndOfTheFieldsOfThoseThatAreGathered() throws Exception {
        Method endpoint = Endpoint.class.getDeclaredMethod("list", boolean.class, String.class, Gathered.class);

        assertThat(Query.declared(endpoint, Named.class, Named::value))
                .isEqualTo(Map.of("over", boolean.class, "from", String.class, "limit", int.class));
    }
}
