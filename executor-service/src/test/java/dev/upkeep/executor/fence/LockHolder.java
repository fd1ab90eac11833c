package dev.upkeep.executor.fence;

import dev.upkeep.common.id.DatabaseId;
import dev.upkeep.common.id.ExecutorId;
import dev.upkeep.executor.database.SqliteDatabase;
import java.nio.file.Path;
import java.util.Map;

/** Another process that holds a SQLite file until it is killed. */
public final class LockHolder {
    private LockHolder() {}

    /** @param arguments the file */
    @SuppressWarnings("SystemOut") // tells the test by its output
    public static void main(String... arguments) throws Exception {
        new Fences(new ExecutorId("other-process"))
                .hold(new SqliteDatabase(new DatabaseId("a"), Map.of(), Path.of(arguments[0])));
        System.out.println("held");
        Thread.currentThread().join();
    }
}
