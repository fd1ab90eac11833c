package dev.upkeep.executor.operation.backup.program;

import dev.upkeep.common.Check;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is to be run: a program and its arguments as they are, never a shell's line.
 *
 * @param environment all that it gets beside PATH, HOME and a C locale; nothing is inherited
 * @param secrets texts that must not appear in what is reported of it
 * @param privileges arguments of setpriv that change the user it runs as; none to run it as the executor itself
 * @param gentle whether it runs at low CPU and I/O priority, as far as this machine has the programs for that
 */
public record ProgramOrder(
        Path program,
        List<String> arguments,
        Map<String, String> environment,
        List<String> secrets,
        List<String> privileges,
        boolean gentle) {
    public ProgramOrder {
        privileges = Check.list("privileges", privileges);
        arguments = Check.list("arguments", arguments);
        environment = Check.map("environment", environment);
        secrets = Check.list("secrets", secrets);
    }

    /** A program that runs as the executor itself, at normal priority. */
    public static ProgramOrder of(Path program, List<String> arguments, Map<String, String> environment) {
        return new ProgramOrder(program, arguments, environment, List.of(), List.of(), false);
    }

    /** The program's name, for people. */
    public String name() {
        return String.valueOf(program.getFileName());
    }
}
