package dev.upkeep.common.task;

import dev.upkeep.common.Check;
import java.util.Optional;
import java.util.regex.Pattern;

/** How tasks name a backup: by the name that the executor generated, which holds nothing that could be a path. */
final class BackupReference {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,254}");

    private BackupReference() {}

    static void check(Optional<String> name) {
        name.ifPresent(given -> Check.text(
                "backup", given, FORM, "must be a backup's name: 1 to 255 letters, digits or . _ + -, no path"));
    }
}
