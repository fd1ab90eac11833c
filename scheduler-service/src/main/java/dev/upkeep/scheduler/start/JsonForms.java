package dev.upkeep.scheduler.start;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.common.wire.Wire;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;

/** Gives the REST API the text forms of the bus. */
@Singleton
class JsonForms implements ObjectMapperCustomizer {
    @Override
    public void customize(ObjectMapper mapper) {
        Wire.configure(mapper);
    }
}
