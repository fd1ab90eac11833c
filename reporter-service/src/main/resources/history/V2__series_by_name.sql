CREATE INDEX series_name ON series (name, unit);
