package dev.upkeep.executor.operation.purge;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** Writes the pieces of JSON that archived rows are made of. */
final class Json {
    private Json() {}

    /** The text as a JSON string, quotes included. */
    static String text(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
