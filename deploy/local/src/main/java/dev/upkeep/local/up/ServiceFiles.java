package dev.upkeep.local.up;

import java.nio.file.Path;
import java.util.List;

/** Writes the configuration of each service into its folder, from the ports and folders of this system. */
record ServiceFiles(
        UpOptions options, DataFolder data, String bootstrapServers, Credentials credentials, Path databases) {
    /** Small machines run all of it: serial collector, quick compiler only, small stacks. */
    private static final List<String> JVM = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xss256k",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.util.logging.manager=org.jboss.logmanager.LogManager");

    Services write() {
        return new Services(
                service("scheduler", UpPort.SCHEDULER, "", "-Xmx96m"),
                service("executor", UpPort.EXECUTOR, "", "-Xmx64m"),
                service("reporter", UpPort.REPORTER, "", "-Xmx96m"));
    }

    private ServiceProcess service(String name, UpPort port, String configuration, String heap) {
        Path file = data.secret(name + "/application.yaml", configuration);
        List<String> jvm = new java.util.ArrayList<>(JVM);
        jvm.add(heap);
        return new ServiceProcess(new ServiceSetup(
                name,
                options.home().resolve(name + "-service/target/quarkus-app/quarkus-run.jar"),
                file,
                data.folder(name).resolve(name + ".log"),
                options.port(port),
                jvm));
    }
}
