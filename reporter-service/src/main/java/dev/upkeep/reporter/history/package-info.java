/** The database of what happened: connections, transactions, migrations and places in topics. */
@NullMarked
package dev.upkeep.reporter.history;

import org.jspecify.annotations.NullMarked;
