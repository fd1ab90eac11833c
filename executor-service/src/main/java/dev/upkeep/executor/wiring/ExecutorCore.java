package dev.upkeep.executor.wiring;

import dev.upkeep.common.fleet.Lane;
import dev.upkeep.common.kafka.Records;
import dev.upkeep.common.sign.Verifier;
import dev.upkeep.executor.control.ControlReader;
import dev.upkeep.executor.control.HoldFile;
import dev.upkeep.executor.guardrail.Guardrails;
import dev.upkeep.executor.intake.Intakes;
import dev.upkeep.executor.intake.LaneReader;
import dev.upkeep.executor.journal.Journal;
import dev.upkeep.executor.journal.JournalFolder;
import dev.upkeep.executor.journal.Outbox;
import dev.upkeep.executor.operation.Tools;
import dev.upkeep.executor.publish.ProgressPublisher;
import dev.upkeep.executor.publish.ResultPublisher;
import dev.upkeep.executor.register.Capabilities;
import dev.upkeep.executor.register.Probe;
import dev.upkeep.executor.register.Registrar;
import dev.upkeep.executor.register.Self;
import dev.upkeep.executor.register.TopicLook;
import dev.upkeep.executor.run.Dispatcher;
import dev.upkeep.executor.run.Host;
import dev.upkeep.executor.run.Runs;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jboss.logging.Logger;

/**
 * One executor, without the framework around it: journal, dispatcher, publishers, registrar, lane reader. What the journal has
 * open goes on at once, whether or not Kafka answers; commands are taken as soon as it does. Thread-safe.
 */
public final class ExecutorCore implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ExecutorCore.class);
    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final Duration PRUNE = Duration.ofHours(1);

    private final ExecutorSettings settings;
    private final JournalFolder folder;
    private final Journal journal;
    private final Outbox outbox;
    private final KafkaProducer<String, byte[]> producer;
    private final ProgressPublisher progress;
    private final ResultPublisher results;
    private final Dispatcher dispatcher;
    private final Registrar registrar;
    private final Intakes intakes;
    private final ControlReader controls;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile Optional<LaneReader> lane = Optional.empty();

    /**
     * Puts it together and opens the journal; nothing runs before {@link #start}.
     *
     * @param verifier present if only signed commands are taken
     * @param discover renews the set of databases
     */
    public ExecutorCore(
            ExecutorSettings settings,
            Host host,
            Guardrails guardrails,
            Optional<Verifier> verifier,
            List<Tools> tools,
            Runnable discover) {
        this.settings = settings;
        this.folder = JournalFolder.open(settings.data(), settings.executor(), host.clock());
        this.journal = folder.journal();
        this.outbox = folder.outbox();
        this.producer = new KafkaProducer<>(settings.kafka().producer());
        Records records =
                new Records(settings.kafka().topics(), "upkeep/executor/" + settings.executor(), host.clock());
        this.progress = new ProgressPublisher(producer, records);
        this.results = new ResultPublisher(outbox, producer);
        this.dispatcher =
                new Runs(host, guardrails, journal, records, progress).dispatcher(settings.run(), results::wake);
        this.intakes = new Intakes(host, guardrails, verifier, settings.kafka(), records);
        this.controls =
                new ControlReader(settings.kafka(), new HoldFile(settings.data(), settings.executor(), host.clock()));
        Self self = new Self(
                settings.executor(),
                settings.version(),
                hostName(),
                host.clock().instant(),
                settings.times().heartbeat(),
                journal);
        this.registrar = new Registrar(
                self,
                new TopicLook(settings.kafka()),
                new Capabilities(host.databases(), host.catalogue(), guardrails, tools),
                onChange -> new Probe(host.databases(), settings.times().probe(), discover, onChange),
                producer,
                records);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    /** Begins. */
    public void start() {
        progress.start();
        results.start();
        dispatcher.start();
        controls.start();
        registrar.start(this::readLane);
        Thread pruning = new Thread(this::prune, "prune");
        pruning.setDaemon(true);
        pruning.start();
    }

    private void readLane(int lanes) {
        LaneReader reader = intakes.reader(Lane.of(settings.executor(), lanes), journal, dispatcher, results::wake);
        lane = Optional.of(reader);
        reader.start();
    }

    private void prune() {
        try {
            do {
                pruneOnce();
            } while (!stopping.await(PRUNE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pruneOnce() {
        try {
            LOG.debugf(
                    "%d ended commands were forgotten",
                    journal.prune(settings.times().keep()));
        } catch (RuntimeException e) {
            LOG.errorf(e, "ended commands could not be forgotten; the next try is in %s", PRUNE);
        }
    }

    /** What keeps this executor from its work, one line each; empty if it is ready. */
    public List<String> problems() {
        return List.of(registrar.problem(), lane.map(LaneReader::problem).orElse(""), results.problem()).stream()
                .filter(problem -> !problem.isEmpty())
                .toList();
    }

    /** Figures for the metrics. */
    public Figures figures() {
        return new Figures(dispatcher.waiting(), dispatcher.running(), outbox.size(), results.oversized());
    }

    /** Figures of the moment. */
    public record Figures(int waiting, int running, int unpublished, long oversized) {}

    /** Stops in good order: takes no more, asks what runs to stop, publishes what it can, says goodbye. */
    @Override
    public void close() {
        stopping.countDown();
        lane.ifPresent(LaneReader::close);
        controls.close();
        dispatcher.close();
        results.drain(DRAIN);
        results.close();
        progress.close();
        registrar.close();
        producer.close(Duration.ofSeconds(2));
        folder.close();
    }
}
