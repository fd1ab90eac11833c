package dev.upkeep.architecture.planted.second;

/** Half of a planted cycle, in a package without NullMarked. */
public final class Second {
    private Second() {}

    public static int next() {
        return dev.upkeep.architecture.planted.first.First.next();
    }
}
