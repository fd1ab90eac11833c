package dev.upkeep.executor.operation.backup.program;

import dev.upkeep.common.fleet.Tool;
import dev.upkeep.common.result.Code;
import dev.upkeep.executor.operation.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The installed PostgreSQL client programs, of each version: in configured folders, in Debian's and Red Hat's layout, and on the
 * path. A server is served by the client of its own major version, or else by the next newer one; an older one cannot read it.
 *
 * <p>Looks anew at each call, so that a package installed meanwhile counts. Thread-safe.
 */
public final class PostgresClients {
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) ((\\d+)\\S*)");
    private static final List<String> LAYOUTS = List.of("/usr/lib/postgresql", "/usr");
    private static final Pattern DEBIAN = Pattern.compile("\\d+");
    private static final Pattern RED_HAT = Pattern.compile("pgsql-\\d+");

    private final List<Path> configured;
    private final boolean searchesMachine;

    private PostgresClients(List<Path> configured, boolean searchesMachine) {
        this.configured = List.copyOf(configured);
        this.searchesMachine = searchesMachine;
    }

    /** Those in these folders, and those of the machine. */
    public static PostgresClients of(List<Path> configured) {
        return new PostgresClients(configured, true);
    }

    /** Those in these folders only. */
    public static PostgresClients only(Path... folders) {
        return new PostgresClients(List.of(folders), false);
    }

    /** One installed client: its folder of programs and its version. */
    public record Client(Path folder, int major, String version) {
        /** Whether one of its programs is there. */
        public boolean has(String name) {
            return Program.isExecutable(folder.resolve(name));
        }

        /** The path of one of its programs. */
        public Path program(String name) {
            Path program = folder.resolve(name);
            if (!Program.isExecutable(program)) {
                throw new Failure(
                        Code.TOOL_MISSING,
                        "there is no " + name + " in " + folder + "; install the PostgreSQL " + major
                                + " package that has it");
            }
            return program;
        }
    }

    /** The client for a server of this major version; a failure with code {@code TOOL_MISSING} if there is none. */
    public Client forServer(int major) {
        List<Client> clients = all();
        return clients.stream()
                .filter(client -> client.major() >= major)
                .min(Comparator.comparingInt(Client::major))
                .orElseThrow(() -> new Failure(Code.TOOL_MISSING, lack(major, clients)));
    }

    /** Why a server of this major version cannot be backed up; empty if it can. */
    public Optional<String> problem(int major) {
        List<Client> clients = all();
        return clients.stream().anyMatch(client -> client.major() >= major)
                ? Optional.empty()
                : Optional.of(lack(major, clients));
    }

    private static String lack(int major, List<Client> clients) {
        String found = clients.isEmpty()
                ? "none is installed"
                : "found only " + clients.stream().map(Client::version).toList();
        return "pg_dump of version " + major + " or newer is needed, " + found + "; install postgresql-client-" + major
                + ", or name its folder in upkeep.backup.client-directories";
    }

    /** For the registration: each pg_dump with its version, or that there is none. */
    public List<Tool> tools() {
        List<Client> clients = all();
        if (clients.isEmpty()) {
            return List.of(new Tool(
                    "pg_dump",
                    Optional.empty(),
                    Optional.of("not installed; PostgreSQL databases cannot be backed up by this executor")));
        }
        return clients.stream()
                .map(client -> new Tool("pg_dump", Optional.of(client.version()), Optional.empty()))
                .toList();
    }

    /** One client for each major version, the first found. */
    public List<Client> all() {
        List<Client> found = new ArrayList<>();
        for (Path folder : folders()) {
            versionIn(folder)
                    .filter(client -> found.stream().noneMatch(other -> other.major() == client.major()))
                    .ifPresent(found::add);
        }
        found.sort(Comparator.comparingInt(Client::major));
        return found;
    }

    private Set<Path> folders() {
        Set<Path> folders = new LinkedHashSet<>(configured);
        if (searchesMachine) {
            for (String root : LAYOUTS) {
                folders.addAll(versionedBelow(Path.of(root)));
            }
            folders.addAll(SearchPath.folders());
        }
        return folders;
    }

    private static List<Path> versionedBelow(Path root) {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> versions = Files.list(root)) {
            return versions.filter(version -> {
                        String name = version.getFileName().toString();
                        return DEBIAN.matcher(name).matches()
                                || RED_HAT.matcher(name).matches();
                    })
                    .map(version -> version.resolve("bin"))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Optional<Client> versionIn(Path folder) {
        Path program = folder.resolve("pg_dump");
        if (!Program.isExecutable(program)) {
            return Optional.empty();
        }
        try {
            Matcher matcher = VERSION.matcher(Program.textOf(program, "--version"));
            return matcher.find()
                    ? Optional.of(new Client(folder, Integer.parseInt(matcher.group(2)), matcher.group(1)))
                    : Optional.empty();
        } catch (Failure unusable) {
            return Optional.empty();
        }
    }
}
