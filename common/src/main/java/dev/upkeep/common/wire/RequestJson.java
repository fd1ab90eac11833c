package dev.upkeep.common.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.common.request.Request;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Tells the kinds of requests apart by their main field. */
final class RequestJson extends StdDeserializer<Request> {
    private static final long serialVersionUID = 1L;
    private static final Map<String, Class<? extends Request>> KINDS =
            Map.of("tasks", Request.Order.class, "policy", Request.RunPolicy.class, "cancel", Request.CancelRun.class);

    RequestJson() {
        super(Request.class);
    }

    @Override
    public Request deserialize(JsonParser json, DeserializationContext context) throws IOException {
        JsonNode tree = context.readTree(json);
        if (!(tree instanceof ObjectNode object)) {
            return context.reportInputMismatch(this, "a request must be a JSON object");
        }
        List<String> given =
                KINDS.keySet().stream().filter(object::has).sorted().toList();
        if (given.size() != 1) {
            return context.reportInputMismatch(
                    this,
                    "a request must have exactly one of tasks, policy or cancel; this one has %s",
                    given.isEmpty() ? "none" : String.join(" and ", given));
        }
        return context.readTreeAsValue(object, KINDS.get(given.get(0)));
    }
}
