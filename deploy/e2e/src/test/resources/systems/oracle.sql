-- System 5: oracle operations, with a table that has no primary key and many dead rows
CREATE TABLE epochs (id bigint PRIMARY KEY);
CREATE TABLE channels (id bigint PRIMARY KEY, epoch_id bigint REFERENCES epochs);
CREATE TABLE proofs (channel_id bigint, body text) WITH (autovacuum_enabled = off);
INSERT INTO proofs SELECT g, 'x' FROM generate_series(1, 250000) g;
DELETE FROM proofs WHERE channel_id % 2 = 0;
