/** Follows the topics that every replica follows: executors and controls. */
@NullMarked
package dev.upkeep.scheduler.feed;

import org.jspecify.annotations.NullMarked;
