package dev.upkeep.executor.operation.files;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.Map;

/** The payload stores of this executor: {@code upkeep.payloads.<name>.<key>}. Paths come from here only, never from the bus. */
@ConfigMapping(prefix = "upkeep.payloads")
public interface PayloadSettings {
    /** By name. */
    @WithParentName
    Map<String, Store> stores();

    /** One store. */
    interface Store {
        /** The database whose rows refer to the files. */
        String database();

        /** The folder of the files, absolute. */
        String root();

        /** The table whose rows refer to them. */
        String table();

        /** The column that names the file. */
        String column();

        /** What the column holds: {@code relative} (to the root), {@code absolute} (path or file URI) or {@code name}. */
        @WithDefault("relative")
        PayloadStore.Form form();

        /** No order may take younger files than this. */
        @WithDefault("P1D")
        Duration leastAge();
    }
}
