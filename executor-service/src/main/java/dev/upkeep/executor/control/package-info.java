/** What the executor itself knows of the topic of controls: holds, for what it removes without being ordered to in so many words. */
@org.jspecify.annotations.NullMarked
package dev.upkeep.executor.control;
