package dev.upkeep.scheduler.start;

import dev.upkeep.common.InvalidValue;
import dev.upkeep.common.kafka.KafkaSettings;
import dev.upkeep.common.kafka.Topics;
import dev.upkeep.common.run.RunState;
import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.feed.FleetFeed;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.leader.Replica;
import dev.upkeep.scheduler.leader.Standing;
import dev.upkeep.scheduler.leader.World;
import dev.upkeep.scheduler.metric.SchedulerMetrics;
import dev.upkeep.scheduler.policy.Policies;
import dev.upkeep.scheduler.request.RequestLimits;
import dev.upkeep.scheduler.run.RunBook;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes the parts of the service from the configuration; refuses to start with a bad one. */
@ApplicationScoped
class Start {
    private final KafkaConfig kafka;
    private final PolicyConfig policies;
    private final RequestConfig requests;
    private final LeaderConfig leader;
    private final SigningConfig signing;
    private final int port;

    Start(
            KafkaConfig kafka,
            PolicyConfig policies,
            RequestConfig requests,
            LeaderConfig leader,
            SigningConfig signing,
            @ConfigProperty(name = "quarkus.http.port") int port) {
        this.kafka = kafka;
        this.policies = policies;
        this.requests = requests;
        this.leader = leader;
        this.signing = signing;
        this.port = port;
    }

    @Produces
    @Singleton
    KafkaSettings kafkaSettings() {
        return new KafkaSettings(
                kafka.bootstrap(), new Topics(kafka.topicPrefix()), "upkeep-scheduler-" + replica(), kafka.client());
    }

    @Produces
    @Singleton
    World world(MeterRegistry registry) {
        SchedulerMetrics metrics = new SchedulerMetrics(registry);
        return new World(
                Clock.systemUTC(),
                new Fleet(),
                new Controls(),
                new Policies(policies.directory()),
                new RunBook(leader.remember(), leader.details()),
                new RequestLimits(
                        requests.mostActive(),
                        requests.mostDatabases(),
                        requests.startWithin(),
                        requests.finishWithin()),
                metrics);
    }

    @Produces
    @Singleton
    FleetFeed fleetFeed(KafkaSettings settings, World world) {
        return new FleetFeed(settings, world.fleet(), world.controls());
    }

    @Produces
    @Singleton
    Replica replica(KafkaSettings settings, World world, FleetFeed feed) {
        if (leader.sessionTimeout().compareTo(Duration.ofSeconds(1)) < 0) {
            throw new InvalidValue(
                    "upkeep.scheduler.session-timeout", leader.sessionTimeout().toString(), "must be at least 1 s");
        }
        return Replica.named(replica())
                .sessionTimeout(leader.sessionTimeout())
                .grace(leader.grace())
                .remembers(leader.remember())
                .signs(Signing.signer(signing.keyFile(), signing.keyId()))
                .in(settings, world, feed);
    }

    void begin(@Observes StartupEvent event, World world, FleetFeed feed, Replica replica) {
        levels(world, replica.standing());
        replica.start(world.policies(), policies.reload(), feed);
    }

    void end(@Observes ShutdownEvent event, Replica replica) {
        replica.stop();
    }

    private static void levels(World world, Standing standing) {
        SchedulerMetrics metrics = world.metrics();
        metrics.level("leader", "1 on the replica that leads", () -> standing.role() == Standing.Role.LEADER ? 1 : 0);
        metrics.level(
                "policies",
                "Policies in force",
                () -> world.policies().inForce().all().size());
        metrics.level(
                "policy.errors",
                "Mistakes in policy files; while there is one, changed files do not count",
                () -> world.policies().errors().size());
        metrics.level(
                "runs.active", "Runs under way", () -> world.book().active().size());
        for (RunState.Status status : RunState.Status.values()) {
            String word = dev.upkeep.common.wire.EnumText.of(status);
            metrics.level(
                    "runs",
                    "Runs in memory by status",
                    "status",
                    word,
                    () -> world.book().all().stream()
                            .filter(run -> run.head().status() == status)
                            .count());
        }
        metrics.level("executors", "Executors by state", "state", "online", () -> executors(world, false));
        metrics.level("executors", "Executors by state", "state", "offline", () -> executors(world, true));
        metrics.level(
                "databases",
                "Databases that executors have registered",
                () -> world.fleet().executors().stream()
                        .mapToInt(executor -> executor.databases().size())
                        .sum());
    }

    private static long executors(World world, boolean offline) {
        return world.fleet().executors().stream()
                .filter(executor -> executor.isOffline(world.clock().instant()) == offline)
                .count();
    }

    private String replica() {
        return leader.replica().orElseGet(() -> hostName() + "-" + port);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
