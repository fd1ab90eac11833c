package dev.upkeep.scheduler.api;

import dev.upkeep.common.access.Query;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Holds the query of every call against the parameters that the called endpoint declares. Thread-safe. */
class QueryFilter {
    private final Map<Method, Map<String, Class<?>>> known = new ConcurrentHashMap<>();

    @ServerRequestFilter
    void check(ResourceInfo endpoint, UriInfo call) {
        Query.check(
                known.computeIfAbsent(
                        endpoint.getResourceMethod(),
                        method -> Query.declared(method, QueryParam.class, QueryParam::value)),
                call.getQueryParameters());
    }
}
