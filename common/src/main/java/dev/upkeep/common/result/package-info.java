/** Results: the terminal event of a command with its outcome, findings and measurements, and its progress before that. */
@NullMarked
package dev.upkeep.common.result;

import org.jspecify.annotations.NullMarked;
