/** Alerts, firing and resolved, as alerting pipelines read them. */
@NullMarked
package dev.upkeep.common.alert;

import org.jspecify.annotations.NullMarked;
