package dev.upkeep.executor.run;

import dev.upkeep.common.Sha256;
import dev.upkeep.common.command.Command;
import dev.upkeep.common.wire.EnumText;
import dev.upkeep.common.wire.Wire;

/** Names what goes on over several commands: the same task of the same policy on the same database. */
final class LineOfWork {
    private LineOfWork() {}

    static String of(Command command, int position) {
        return EnumText.of(command.origin().kind()) + " " + command.origin().name() + " " + command.database()
                + (command.dryRun() ? " dry-run " : " ")
                + Sha256.hex(Wire.write(command.steps().get(position).task()));
    }
}
