/** What people write: policies in YAML files, their rules, and the set of them in force. */
@NullMarked
package dev.upkeep.scheduler.policy;

import org.jspecify.annotations.NullMarked;
