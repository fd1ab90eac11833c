package dev.upkeep.bench.purge;

/** What a purge meets. */
enum Scenario {
    /** One table, half of whose rows are to go. */
    PLAIN("one table"),
    /** The same beside a transaction that began before and is still open. */
    SNAPSHOT("one table, an old snapshot held open"),
    /** Three levels of children; the rows of all four tables together. */
    CHILDREN("three levels of children");

    final String title;

    Scenario(String title) {
        this.title = title;
    }
}
