package dev.upkeep.reporter.history;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;

/**
 * The migration scripts, by name: scanning the class path depends on how the application is packaged, a list does not. A script
 * that was released is never changed; a test compares the list with the folder.
 */
final class Scripts implements ResourceProvider {
    static final List<String> NAMES = List.of(
            "V1__history.sql", "V2__series_by_name.sql", "V3__packed_results.sql", "V4__backups_quarantine_keep.sql");

    @Override
    public @org.jspecify.annotations.Nullable LoadableResource getResource(String name) {
        return NAMES.contains(name) ? new Script(name) : null;
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
        return NAMES.stream()
                .filter(name ->
                        name.startsWith(prefix) && Arrays.stream(suffixes).anyMatch(name::endsWith))
                .<LoadableResource>map(Script::new)
                .toList();
    }

    private static final class Script extends LoadableResource {
        private final String name;

        Script(String name) {
            this.name = name;
        }

        @Override
        public Reader read() {
            return new InputStreamReader(stream(), StandardCharsets.UTF_8);
        }

        private InputStream stream() {
            InputStream stream = Scripts.class.getResourceAsStream("/history/" + name);
            if (stream == null) {
                throw new UncheckedIOException(new IOException("history/" + name + " is not in the application"));
            }
            return stream;
        }

        @Override
        public String getAbsolutePath() {
            return "history/" + name;
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return getAbsolutePath();
        }

        @Override
        public String getFilename() {
            return name;
        }

        @Override
        public String getRelativePath() {
            return name;
        }
    }
}
