package dev.upkeep.local.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Free TCP ports on the loopback address.
 *
 * <p>Ports come from below the range that operating systems use for outgoing connections, so that a server can be stopped
 * and started again on its port without an unrelated connection having taken it. One JVM is never given the same port twice.
 * Thread-safe.
 */
public final class Ports {
    /** The only address that the servers of this package listen on. */
    public static final String HOST = "127.0.0.1";

    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);
    private static final int TRIES = 500;
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private Ports() {}

    /** A port that nothing listens on at this moment. */
    public static int free() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(port) && GIVEN.add(port)) {
                return port;
            }
        }
        throw new LocalFailure(
                LocalFailure.Code.PORT_BUSY, "no free port between %d and %d on %s".formatted(LOWEST, HIGHEST, HOST));
    }

    /** Whether a server could listen on this port now. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(loopback(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether something accepts connections on this port now. */
    public static boolean listens(int port) {
        try (Socket socket = new Socket(loopback(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Refuses a port that something else listens on.
     *
     * @param purpose what the port is for, as a person would say it: "Kafka"
     */
    public static void requireFree(String purpose, int port) {
        if (!isFree(port)) {
            throw new LocalFailure(
                    LocalFailure.Code.PORT_BUSY,
                    "port %d for %s is in use by another program on %s: stop that program or give another port"
                            .formatted(port, purpose, HOST));
        }
    }

    /** Refuses a port that something else listens on and does not leave in this time: a program that was killed may be a moment late. */
    public static void requireFree(String purpose, int port, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (!isFree(port) && System.nanoTime() < end) {
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
        }
        requireFree(purpose, port);
    }

    private static InetAddress loopback() throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }
}
