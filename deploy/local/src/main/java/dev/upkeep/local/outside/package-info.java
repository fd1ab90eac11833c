/** What stands around Upkeep when it is tried out: a webhook, a mail server, Debian's Prometheus and Alertmanager. */
@NullMarked
package dev.upkeep.local.outside;

import org.jspecify.annotations.NullMarked;
