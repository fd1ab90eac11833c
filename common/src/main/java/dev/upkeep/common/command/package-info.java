/** Commands: the ordered tasks of one run for one database, with the time in which they are valid. */
@NullMarked
package dev.upkeep.common.command;

import org.jspecify.annotations.NullMarked;
