/** Purges compared with what people write by hand, beside an application that goes on using the same table. */
@NullMarked
package dev.upkeep.bench.purge;

import org.jspecify.annotations.NullMarked;
