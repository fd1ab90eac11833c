package dev.upkeep.executor.operation.encryption;

import dev.upkeep.common.Check;
import java.util.List;

/** How a file is encrypted; who has the secret key of one of the recipients, which are public keys, can read it. */
public record Encryption(String format, List<String> recipients) {
    public Encryption {
        recipients = Check.list("recipients", recipients);
    }

    /** For whom, in words. */
    String words() {
        return String.join(", ", recipients);
    }
}
