package dev.upkeep.common.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.upkeep.common.command.OnFailure;
import dev.upkeep.common.command.Step;
import dev.upkeep.common.task.Task;
import java.io.IOException;

/** A step on the wire: the task's object with {@code onFailure} beside its parameters; {@code stop} if absent. */
final class StepJson {
    private static final String ON_FAILURE = "onFailure";

    private StepJson() {}

    static final class Serializer extends StdSerializer<Step> {
        private static final long serialVersionUID = 1L;

        Serializer() {
            super(Step.class);
        }

        @Override
        public void serialize(Step step, JsonGenerator json, SerializerProvider provider) throws IOException {
            ObjectNode object = Wire.tree(step.task());
            object.put(ON_FAILURE, EnumText.of(step.onFailure()));
            json.writeTree(object);
        }
    }

    static final class Deserializer extends StdDeserializer<Step> {
        private static final long serialVersionUID = 1L;

        Deserializer() {
            super(Step.class);
        }

        @Override
        public Step deserialize(JsonParser json, DeserializationContext context) throws IOException {
            JsonNode tree = context.readTree(json);
            if (!(tree instanceof ObjectNode object)) {
                return context.reportInputMismatch(this, "a task must be an object with a type");
            }
            JsonNode onFailure = object.remove(ON_FAILURE);
            Task task = context.readTreeAsValue(object, Task.class);
            return new Step(task, onFailure == null ? OnFailure.STOP : onFailure(onFailure, context));
        }

        /** Says of a mistake that it is in this key: the tree alone no longer knows where it came from. */
        private static OnFailure onFailure(JsonNode value, DeserializationContext context) throws IOException {
            try {
                return context.readTreeAsValue(value, OnFailure.class);
            } catch (JsonMappingException e) {
                e.prependPath(Step.class, ON_FAILURE);
                throw e;
            }
        }
    }
}
