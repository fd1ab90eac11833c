package dev.upkeep.local.up;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes the configuration of each service into its folder, from a template with this system's ports and folders. */
record ServiceFiles(UpOptions options, DataFolder data, String bootstrapServers) {
    Services write() {
        return new Services(
                service("scheduler", UpPort.SCHEDULER, 96),
                service("executor", UpPort.EXECUTOR, 64),
                service("reporter", UpPort.REPORTER, 96));
    }

    /** Small machines run all of it: serial collector, quick compiler only, small stacks and young generation, and unused heap given back. */
    private ServiceProcess service(String name, UpPort port, int heapMegabytes) {
        Path file = data.secret(name + "/application.yaml", configuration(name));
        return new ServiceProcess(new ServiceSetup(
                name,
                options.home().resolve(name + "-service/target/quarkus-app/quarkus-run.jar"),
                file,
                data.folder(name).resolve(name + ".log"),
                options.port(port),
                List.of(
                        "-Xmx" + heapMegabytes + "m",
                        "-Xms8m",
                        "-Xmn4m",
                        "-XX:MinHeapFreeRatio=10",
                        "-XX:MaxHeapFreeRatio=20",
                        "-Xss256k",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager")));
    }

    private String configuration(String name) {
        Map<String, String> values = Map.of(
                "home", options.home().toString(),
                "data", data.path().toString(),
                "bootstrap", bootstrapServers,
                "postgres-port", Integer.toString(options.port(UpPort.POSTGRES)));
        String text = template(name + ".yaml");
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("${" + value.getKey() + "}", value.getValue());
        }
        return text;
    }

    private static String template(String name) {
        try (InputStream resource = ServiceFiles.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("resource " + name + " is missing");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
