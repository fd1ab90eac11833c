package dev.upkeep.architecture.planted.first;

/** Half of a planted cycle, in a package without NullMarked. */
public final class First {
    private First() {}

    public static int next() {
        return dev.upkeep.architecture.planted.second.Second.next();
    }
}
