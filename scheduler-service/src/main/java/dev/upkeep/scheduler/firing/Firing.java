package dev.upkeep.scheduler.firing;

import dev.upkeep.scheduler.policy.Policy;
import java.time.Instant;

/**
 * One firing of a policy that is due.
 *
 * @param nominal its time by the schedule
 * @param others how many earlier firings were missed along with it and are made good by this one
 */
public record Firing(Policy policy, Instant nominal, int others) {}
