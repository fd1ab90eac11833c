/** One task, once, from the shell, without Kafka: the same admission, guardrails, tries and operations. */
@NullMarked
package dev.upkeep.executor.shell;

import org.jspecify.annotations.NullMarked;
