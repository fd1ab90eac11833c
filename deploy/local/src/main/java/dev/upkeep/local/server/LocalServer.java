package dev.upkeep.local.server;

import java.time.Duration;
import java.util.Optional;

/**
 * A server in a process of its own on the loopback address, on a port given or found, which can be stopped, killed, and started again on
 * the same port. A port that was found and that somebody else was quicker to take is exchanged for another. Thread-safe.
 */
abstract sealed class LocalServer implements AutoCloseable permits LocalBroker, LocalPostgres {
    private static final int TRIES = 5;

    private final String name;
    private final Duration deadline;
    private int port;
    private Optional<ChildProcess> process = Optional.empty();

    LocalServer(String name, Optional<Integer> port, Duration deadline) {
        this.name = name;
        this.port = port.orElse(0);
        this.deadline = deadline;
    }

    /** Starts its process, on this port. */
    abstract ChildProcess launch(int onPort);

    /** Whether it takes clients by now. */
    abstract boolean answers() throws Exception;

    /** Whether it may start well at another try. */
    abstract boolean isPassing(LocalFailure failure);

    /** Starts it, or starts it again on the same port and data; does nothing while it runs. */
    public synchronized void start() {
        if (isRunning()) {
            return;
        }
        boolean portIsOurs = port == 0;
        for (int i = 1; ; i++) {
            if (portIsOurs) {
                port = Ports.free();
            }
            Ports.requireFree(name, port);
            try {
                ChildProcess started = launch(port);
                process = Optional.of(started);
                started.awaitReady(deadline, this::answers);
                return;
            } catch (LocalFailure e) {
                process.ifPresent(ChildProcess::close);
                if (e.code() != LocalFailure.Code.ENDED || !isPassing(e) || i == TRIES) {
                    throw e;
                }
            }
        }
    }

    public synchronized int port() {
        return port;
    }

    public synchronized boolean isRunning() {
        return process.map(ChildProcess::isAlive).orElse(false);
    }

    /** The process that runs, or ran last: to read its log, or to pause it by the signals STOP and CONT. */
    public synchronized ChildProcess process() {
        return process.orElseThrow(() -> new IllegalStateException(name + " was never started"));
    }

    /** Ends it by this signal, if it runs. */
    final synchronized void stop(String signal) {
        process.filter(ChildProcess::isAlive).ifPresent(running -> running.stop(signal));
    }

    /** Ends it by {@code kill -9}. */
    public synchronized void kill() {
        process.filter(ChildProcess::isAlive).ifPresent(ChildProcess::kill);
    }

    @Override
    public synchronized void close() {
        process.ifPresent(ChildProcess::close);
    }
}
