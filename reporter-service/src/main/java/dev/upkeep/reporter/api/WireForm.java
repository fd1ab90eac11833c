package dev.upkeep.reporter.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.common.wire.Wire;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;

/** Gives the API the same text forms as the topics. */
@Singleton
final class WireForm implements ObjectMapperCustomizer {
    @Override
    public void customize(ObjectMapper mapper) {
        Wire.configure(mapper);
    }
}
