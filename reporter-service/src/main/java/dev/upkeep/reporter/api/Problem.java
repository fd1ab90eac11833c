package dev.upkeep.reporter.api;

/** An error as RFC 9457 wants it. */
public record Problem(String type, String title, int status, String detail) {
    /** The media type. */
    public static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(int status, String title, String detail) {
        return new Problem("about:blank", title, status, detail);
    }
}
