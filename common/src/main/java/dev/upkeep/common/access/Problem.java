package dev.upkeep.common.access;

import dev.upkeep.common.wire.Wire;
import java.nio.charset.StandardCharsets;

/** What went wrong with a call, in the form of RFC 9457. */
public record Problem(String type, String title, int status, String detail) {
    /** Its media type. */
    public static final String MEDIA_TYPE = "application/problem+json";

    public static Problem of(int status, String title, String detail) {
        return new Problem("about:blank", title, status, detail);
    }

    /** Of who brings no token, or one that nobody knows. */
    public static Problem unauthorized() {
        return of(401, "Unauthorized", "Send a token as Authorization: Bearer <token>.");
    }

    /** Of who may not do what is asked. */
    public static Problem forbidden(String detail) {
        return of(403, "Forbidden", detail);
    }

    /** What to tell a caller whose role does not do. */
    public static String lacking(Role has, Role needed, String what) {
        return "The token has the role " + has + "; " + what + " needs " + needed + ".";
    }

    /** The body of the answer. */
    public String json() {
        return new String(Wire.write(this), StandardCharsets.UTF_8);
    }
}
