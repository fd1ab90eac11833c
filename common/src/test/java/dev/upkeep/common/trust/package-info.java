/** Tests of which files are believed. */
@NullMarked
package dev.upkeep.common.trust;

import org.jspecify.annotations.NullMarked;
