/** States on the executors topic who this executor is, what it cares for, and what it can and may do; again at every heartbeat. */
@NullMarked
package dev.upkeep.executor.register;

import org.jspecify.annotations.NullMarked;
