package dev.upkeep.scheduler.api;

import dev.upkeep.common.access.Problem;
import dev.upkeep.common.access.Role;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** Adds to the description of the API what holds for every call: the token, the role that it needs, and the problems. */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public class Description implements OASFilter {
    private static final String TOKEN = "token";
    private static final String ROLE = "x-upkeep-role";

    @Override
    public void filterOpenAPI(OpenAPI api) {
        if (api.getComponents() == null) {
            api.setComponents(OASFactory.createComponents());
        }
        api.getComponents()
                .addSecurityScheme(
                        TOKEN,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .description("A token of upkeep.api.token-file, whose role covers that of the call"));
        api.getPaths()
                .getPathItems()
                .forEach((path, item) ->
                        item.getOperations().forEach((method, operation) -> describe(path, method, operation)));
    }

    private static void describe(String path, PathItem.HttpMethod method, Operation operation) {
        Role role = Access.needed(method.name(), path);
        operation.addExtension(ROLE, role.toString());
        operation.setSecurity(List.of(OASFactory.createSecurityRequirement().addScheme(TOKEN)));
        problem(operation, "400", "A parameter or the body breaks a rule; the detail names it");
        problem(operation, "401", "No token, or one that is not known");
        if (role != Role.VIEWER) {
            problem(operation, "403", "The token's role does not cover the call");
            problem(operation, "429", "Too many changing calls within a minute");
        }
    }

    private static void problem(Operation operation, String status, String description) {
        APIResponse response = OASFactory.createAPIResponse()
                .description(description)
                .content(OASFactory.createContent()
                        .addMediaType(
                                Problem.MEDIA_TYPE, OASFactory.createMediaType().schema(schema())));
        if (operation.getResponses() == null) {
            operation.setResponses(OASFactory.createAPIResponses());
        }
        operation.getResponses().addAPIResponse(status, response);
    }

    private static Schema schema() {
        return OASFactory.createSchema()
                .addType(Schema.SchemaType.OBJECT)
                .description("RFC 9457: type, title, status, detail");
    }
}
