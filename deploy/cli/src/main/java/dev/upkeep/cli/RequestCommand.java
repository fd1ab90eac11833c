package dev.upkeep.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.id.RunId;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Message;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.request.Request;
import dev.upkeep.common.run.RunState;
import dev.upkeep.common.wire.Unreadable;
import dev.upkeep.common.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes a request and waits for its verdict and its end. */
@Command(
        name = "request",
        mixinStandardHelpOptions = true,
        description = "Publishes an ad-hoc request (JSON or YAML) and shows how it ends, database by database.",
        footer = "Exit code 0: every database ended well. 1: one did not. 2: rejected, or no answer in time.")
final class RequestCommand implements Callable<Integer> {
    private static final int LARGEST = 1024 * 1024;

    @Mixin
    private Connection connection = new Connection();

    @Parameters(paramLabel = "FILE", description = "the request, or - for standard input")
    private String file = "-";

    @Option(
            names = "--wait",
            defaultValue = "PT10M",
            description = "how long to wait for the end (default: ${DEFAULT-VALUE})")
    private Duration wait = Duration.ofMinutes(10);

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        byte[] content = content();
        String id = idOf(content);
        KafkaSettings settings = connection.settings();
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try (RunWatch watch = new RunWatch(settings, RunId.ofRequest(id))) {
            publish(settings, id, content);
            out.println("request " + id + " published");
            out.flush();
            Optional<RunState.Status> end = watch.untilEnd(wait, out);
            if (end.isEmpty()) {
                out.println("no end within " + wait + "; look again with: upkeep results --run " + id);
            }
            return end.filter(status -> status == RunState.Status.ENDED).isPresent() ? (watch.endedWell() ? 0 : 1) : 2;
        }
    }

    private byte[] content() throws IOException {
        if (!file.equals("-")) {
            return Files.readAllBytes(Path.of(file));
        }
        InputStream in = System.in;
        return in.readNBytes(LARGEST + 1);
    }

    /** The request as it stands, checked here first so that a slip needs no trip to the scheduler; an id is added if it has none. */
    private static String idOf(byte[] content) {
        try {
            return Wire.readYaml(content, Request.class).id().orElseGet(() -> "cli-" + UUID.randomUUID());
        } catch (Unreadable e) {
            throw new InvalidValue("request", e.reason().message(), "cannot be read");
        }
    }

    private static void publish(KafkaSettings settings, String id, byte[] content) throws InterruptedException {
        Records records = new Records(settings.topics(), "upkeep/cli", Clock.systemUTC());
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(settings.producer())) {
            ObjectNode tree = Wire.tree(Wire.readYaml(content, Request.class));
            tree.put("id", id);
            producer.send(records.of(Message.REQUEST, id, id, Wire.write(tree), null, Optional.empty()))
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalArgumentException(
                    "the request could not be published to " + settings.bootstrap() + ": "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage(),
                    e);
        } catch (Unreadable e) {
            throw new IllegalStateException("was read before", e);
        }
    }
}
