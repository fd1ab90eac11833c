/** Tests of the package of the same name. */
@NullMarked
package dev.upkeep.common.access;

import org.jspecify.annotations.NullMarked;
