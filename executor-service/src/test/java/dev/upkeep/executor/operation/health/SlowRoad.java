package dev.upkeep.executor.operation.health;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** A way to a server of this host that holds back what the client says when it holds a given text, as a bad network holds back packets. */
final class SlowRoad implements AutoCloseable {
    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService carriers = Executors.newCachedThreadPool();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final int target;
    private volatile String text = "";
    private volatile Duration delay = Duration.ZERO;

    SlowRoad(int target) throws IOException {
        this.target = target;
        carriers.execute(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    void delay(String heldBack, Duration howLong) {
        text = heldBack;
        delay = howLong;
    }

    private void accept() {
        try {
            while (!door.isClosed()) {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                open.addAll(List.of(client, server));
                carriers.execute(() -> carry(client, server, true));
                carriers.execute(() -> carry(server, client, false));
            }
        } catch (IOException e) {
            open.forEach(SlowRoad::shut);
        }
    }

    private void carry(Socket from, Socket to, boolean isHeldBack) {
        byte[] buffer = new byte[65_536];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (isHeldBack && new String(buffer, 0, count, StandardCharsets.ISO_8859_1).contains(text)) {
                    hold(delay);
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            shut(from);
        }
        shut(to);
    }

    private static void hold(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            Thread.onSpinWait(); // it is closed either way
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        open.forEach(SlowRoad::shut);
        carriers.shutdownNow();
    }
}
