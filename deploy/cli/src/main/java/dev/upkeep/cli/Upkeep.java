package dev.upkeep.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command's entry. Exit codes: 0 all good, 1 something did not end well, 2 wrong usage or no connection. */
@Command(
        name = "upkeep",
        mixinStandardHelpOptions = true,
        version = "upkeep 0.1.0",
        description = "Fleet database maintenance over Kafka.",
        subcommands = {TopicsCommand.class, RequestCommand.class, ResultsCommand.class, OverrideCommand.class})
public final class Upkeep {
    private Upkeep() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Upkeep());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("upkeep: " + failure.getMessage());
            return CommandLine.ExitCode.USAGE;
        });
        return line;
    }
}
