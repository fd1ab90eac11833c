package dev.upkeep.reporter.api;

import dev.upkeep.common.access.Query;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Holds the query of every call against the parameters that the called endpoint declares. Thread-safe. */
final class QueryFilter {
    private final Map<Method, Map<String, Class<?>>> known = new ConcurrentHashMap<>();

    @ServerRequestFilter
    void check(ResourceInfo endpoint, UriInfo call) {
        Query.check(
                known.computeIfAbsent(endpoint.getResourceMethod(), QueryFilter::parameters),
                call.getQueryParameters());
    }

    private static Map<String, Class<?>> parameters(Method endpoint) {
        Map<String, Class<?>> found = new HashMap<>();
        for (Parameter parameter : endpoint.getParameters()) {
            add(found, parameter.getAnnotation(QueryParam.class), parameter.getType());
            if (parameter.isAnnotationPresent(BeanParam.class)) {
                for (Field field : parameter.getType().getDeclaredFields()) {
                    add(found, field.getAnnotation(QueryParam.class), field.getType());
                }
            }
        }
        return found;
    }

    private static void add(Map<String, Class<?>> found, @Nullable QueryParam query, Class<?> type) {
        if (query != null) {
            found.put(query.value(), type);
        }
    }
}
