/** The databases that this executor cares for, and how they are opened; one mapping per engine from driver errors to codes. */
@NullMarked
package dev.upkeep.executor.database;

import org.jspecify.annotations.NullMarked;
