package dev.upkeep.scheduler.scale;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlanningCostTest {
    @Test
    void aCommandCostsAboutAsMuchInALargeFleetAsInASmallOne() {
        PlanningCost.measure(2_000);

        double small = PlanningCost.measure(1_000).microsPerCommand();
        double large = PlanningCost.measure(30_000).microsPerCommand();

        // 1.5 is the goal and what docs/scheduler-scale.md measured on a quiet machine; quadratic cost would be 30
        assertThat(large / small).isLessThan(4);
    }
}
