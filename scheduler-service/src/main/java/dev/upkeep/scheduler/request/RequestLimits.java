package dev.upkeep.scheduler.request;

import java.time.Duration;

/**
 * How much requests may ask for.
 *
 * @param active so many runs of requests may be under way at once
 * @param databases one request may mean so many databases
 * @param startWithin how long a command of a request may wait for its start, if the request does not say
 * @param finishWithin and how long it may take
 */
public record RequestLimits(int active, int databases, Duration startWithin, Duration finishWithin) {}
