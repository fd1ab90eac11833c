/** Ad-hoc requests, and the selection of databases that they share with policies. */
@NullMarked
package dev.upkeep.common.request;

import org.jspecify.annotations.NullMarked;
