package dev.upkeep.local.up;

import dev.upkeep.local.server.ChildProcess;
import dev.upkeep.local.server.ChildSetup;
import dev.upkeep.local.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One of Upkeep's services as a process of its own. Ready when its readiness check says so over HTTP. Can be stopped, killed and started
 * again with the same configuration. Thread-safe.
 */
public final class ServiceProcess implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(90);
    private static final Duration PORT_LEFT = Duration.ofSeconds(10);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final ServiceSetup setup;
    private Optional<ChildProcess> process = Optional.empty();
    private Duration startUp = Duration.ZERO;
    private boolean isClosed;

    ServiceProcess(ServiceSetup setup) {
        this.setup = setup;
    }

    /** Starts it and waits until it is ready; does nothing while it runs, and nothing once it was closed. */
    public void start() {
        if (launch()) {
            awaitReady();
        }
    }

    synchronized boolean launch() {
        if (isAlive() || isClosed) {
            return false;
        }
        // what a killed service was just starting holds its port until it has become another program
        Ports.requireFree("the " + setup.name(), setup.port(), process.isPresent() ? PORT_LEFT : Duration.ZERO);
        List<String> command = new ArrayList<>();
        // one arena: glibc gives each thread its own, and keeps what it once took
        command.addAll(List.of("env", "MALLOC_ARENA_MAX=1"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(setup.jvm());
        command.add("-Dsmallrye.config.locations=" + setup.configuration());
        command.add("-Dquarkus.http.host=" + Ports.HOST);
        command.add("-Dquarkus.http.port=" + setup.port());
        command.addAll(List.of("-jar", setup.jar().toString()));
        process = Optional.of(
                ChildSetup.of("the " + setup.name(), command, setup.log()).start());
        return true;
    }

    void awaitReady() {
        ChildProcess started = process();
        started.awaitReady(DEADLINE, () -> get("/q/health/ready").statusCode() == 200);
        Duration took = ProcessHandle.of(started.pid())
                .flatMap(handle -> handle.info().startInstant())
                .map(since -> Duration.between(since, java.time.Instant.now()))
                .orElse(Duration.ZERO);
        synchronized (this) {
            startUp = took;
        }
    }

    /** Asks it over HTTP. */
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    public String url() {
        return "http://" + Ports.HOST + ":" + setup.port();
    }

    public String name() {
        return setup.name();
    }

    public synchronized boolean isAlive() {
        return process.map(ChildProcess::isAlive).orElse(false);
    }

    public synchronized ChildProcess process() {
        return process.orElseThrow(() -> new IllegalStateException("the " + setup.name() + " was never started"));
    }

    /** Resident memory in bytes, as the operating system counts it; empty when it cannot tell. */
    public Optional<Long> residentBytes() {
        try {
            Process ps = new ProcessBuilder(
                            "ps", "-o", "rss=", "-p", Long.toString(process().pid()))
                    .redirectErrorStream(true)
                    .start();
            String text = new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            return text.matches("\\d+") ? Optional.of(Long.parseLong(text) * 1_024) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** How fast it started and how large it is: {@code executor ready in 1.8 s, 118 MiB resident}. */
    synchronized String summary() {
        String memory = residentBytes()
                .map(bytes -> String.format(Locale.ROOT, ", %d MiB resident", bytes / 1_048_576))
                .orElse("");
        return String.format(Locale.ROOT, "%-10s ready in %.1f s%s", setup.name(), startUp.toMillis() / 1000.0, memory);
    }

    /** The time from the start of the process until it was ready. */
    public synchronized Duration startUp() {
        return startUp;
    }

    /** Ends it by {@code kill -9}. */
    public synchronized void kill() {
        process.filter(ChildProcess::isAlive).ifPresent(ChildProcess::kill);
    }

    /** Whether it was closed, and so is not to run. */
    synchronized boolean isClosed() {
        return isClosed;
    }

    /** Ends it in good order, for good. */
    @Override
    public synchronized void close() {
        isClosed = true;
        process.ifPresent(ChildProcess::close);
    }
}
