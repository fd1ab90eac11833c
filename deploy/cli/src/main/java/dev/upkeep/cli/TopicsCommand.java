package dev.upkeep.cli;

import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topic;
import dev.upkeep.common.kafka.TopicSetup;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Creates the topics; safe to run as often as one likes. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description = "Creates the topics that are missing, and lists all.")
final class TopicsCommand implements Runnable {
    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = "--lanes",
            defaultValue = "6",
            description =
                    "partitions of commands, results and progress, when they are created (default: ${DEFAULT-VALUE})")
    private int lanes;

    @Option(names = "--replication", description = "copies of each partition (default: the broker's)")
    private @Nullable Short replication;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        KafkaSettings settings = connection.settings();
        try (Admin admin = Admin.create(settings.admin())) {
            TopicSetup setup = new TopicSetup(admin, settings.topics());
            List<String> created = setup.create(lanes, Optional.ofNullable(replication));
            Map<Topic, Integer> partitions = setup.partitions(EnumSet.allOf(Topic.class));
            partitions.forEach((topic, count) -> {
                String name = settings.topics().name(topic);
                Objects.requireNonNull(spec)
                        .commandLine()
                        .getOut()
                        .printf(
                                "%-28s %3d partition%s  %s%n",
                                name, count, count == 1 ? " " : "s", created.contains(name) ? "created" : "there");
            });
        }
    }
}
