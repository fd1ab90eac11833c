/** The care for SQLite files as a whole: many files at once, and all tasks beside an application that writes. */
package dev.upkeep.executor.care;
