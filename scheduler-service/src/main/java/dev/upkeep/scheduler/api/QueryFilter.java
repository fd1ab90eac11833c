package dev.upkeep.scheduler.api;

import dev.upkeep.common.access.Query;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Holds the query of every call against the parameters that the called endpoint declares. Thread-safe. */
class QueryFilter {
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
            QueryParam query = parameter.getAnnotation(QueryParam.class);
            if (query != null) {
                found.put(query.value(), parameter.getType());
            }
        }
        return found;
    }
}
