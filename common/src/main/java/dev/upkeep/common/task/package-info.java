/** The sealed catalogue of tasks: what can be done to a database, as data; one file per task with its rules and report. */
@NullMarked
package dev.upkeep.common.task;

import org.jspecify.annotations.NullMarked;
