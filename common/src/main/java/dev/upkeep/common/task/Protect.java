package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import java.util.List;

/**
 * Whose sessions are never touched, on top of those that never are: replication, backups, autovacuum and other server
 * processes, superusers, and Upkeep itself.
 *
 * @param roles names of roles, in their own case
 * @param applications beginnings of {@code application_name}
 */
public record Protect(List<String> roles, List<String> applications) {
    public Protect {
        roles = Check.list("protect.roles", roles);
        roles.forEach(role -> Check.line("protect.roles", role, 63));
        applications = Check.list("protect.applications", applications);
        applications.forEach(name -> Check.line("protect.applications", name, 63));
    }

    /** Nobody more. */
    public static Protect none() {
        return new Protect(List.of(), List.of());
    }
}
