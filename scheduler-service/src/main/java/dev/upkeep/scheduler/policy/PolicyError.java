package dev.upkeep.scheduler.policy;

/**
 * One thing that is wrong with a policy file.
 *
 * @param line counted from 1; the nearest line that is known
 * @param key the path of the key, such as {@code schedule.cron}; empty for the file as a whole
 * @param message value and rule, for people
 */
public record PolicyError(String file, int line, String key, String message) {
    @Override
    public String toString() {
        return file + ":" + line + ": " + (key.isEmpty() ? "" : key + ": ") + message;
    }
}
