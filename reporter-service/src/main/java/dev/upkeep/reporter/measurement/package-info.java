/** Measurements as series and samples, and as Prometheus metrics. */
@NullMarked
package dev.upkeep.reporter.measurement;

import org.jspecify.annotations.NullMarked;
