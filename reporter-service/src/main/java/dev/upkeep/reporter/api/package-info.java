/** What all of the JSON API shares: paging, problems, and who may read it. */
@NullMarked
package dev.upkeep.reporter.api;

import org.jspecify.annotations.NullMarked;
