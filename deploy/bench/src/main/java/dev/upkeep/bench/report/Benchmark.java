package dev.upkeep.bench.report;

import java.io.PrintStream;

/** One comparison of something of ours with named alternatives. */
public interface Benchmark {
    /** One line: what is compared, and with which options. */
    String purpose();

    /** Runs it, and prints one table or more. */
    void run(Options options, PrintStream out) throws Exception;
}
