package dev.upkeep.scheduler.leader;

import dev.upkeep.scheduler.control.Controls;
import dev.upkeep.scheduler.fleet.Fleet;
import dev.upkeep.scheduler.metric.SchedulerMetrics;
import dev.upkeep.scheduler.policy.Policies;
import dev.upkeep.scheduler.request.RequestLimits;
import dev.upkeep.scheduler.run.RunBook;
import java.time.Clock;

/** What a replica knows, whether it leads or not, and the clock by which it goes. */
public record World(
        Clock clock,
        Fleet fleet,
        Controls controls,
        Policies policies,
        RunBook book,
        RequestLimits limits,
        SchedulerMetrics metrics) {}
