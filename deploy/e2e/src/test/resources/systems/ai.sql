-- System 3: an AI back end, with dead rows and a foreign key without an index
CREATE TABLE prompts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text) WITH (autovacuum_enabled = off);
CREATE TABLE answers (id bigint PRIMARY KEY, prompt_id bigint REFERENCES prompts);
INSERT INTO prompts (body) SELECT 'x' FROM generate_series(1, 20000);
INSERT INTO answers SELECT g, g FROM generate_series(1, 10000, 2) g;
DELETE FROM prompts WHERE id % 2 = 0;
