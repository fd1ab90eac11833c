/** What this executor will ever accept, whatever the bus says: local configuration, held against each command. */
@NullMarked
package dev.upkeep.executor.guardrail;

import org.jspecify.annotations.NullMarked;
