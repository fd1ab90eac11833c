package dev.upkeep.local.up;

import java.util.List;

/** The three services. */
public record Services(ServiceProcess scheduler, ServiceProcess executor, ServiceProcess reporter) {
    public List<ServiceProcess> all() {
        return List.of(scheduler, executor, reporter);
    }
}
