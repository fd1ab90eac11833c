-- What Upkeep's executor needs in PostgreSQL 13 to 18, and nothing more. Run as a superuser, once per server; running it again
-- changes nothing. No role here can log in, none is a superuser, none owns anything.
--
-- Then make one login for the executor, and give it what it is to do:
--
--     CREATE ROLE upkeep LOGIN PASSWORD '...';          -- or without password, over the socket with peer authentication
--     GRANT upkeep_monitor, upkeep_maintain, upkeep_backup TO upkeep;
--     GRANT upkeep_purge TO upkeep;                     -- only if it is to purge
--     GRANT SELECT, DELETE ON TABLE public.events_seen TO upkeep_purge;   -- one line per table, the children as well
--
-- Vacuum, analyze, reindex and the like need a right of their own: from 17 on it comes with upkeep_maintain. Up to 16 only the
-- owner of a table has it; there, give the executor the owner's rights, if you can accept that:
--
--     GRANT telemetry_owner TO upkeep_maintain;
--
-- Without it, the executor reports those tables as refused and goes on with the others.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['upkeep_monitor', 'upkeep_maintain', 'upkeep_purge', 'upkeep_backup', 'upkeep_signal'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', wanted);
        END IF;
    END LOOP;
END
$$;

-- Health checks, sizes, the load governor: reads statistics and settings, no rows.
GRANT pg_monitor TO upkeep_monitor;

-- Vacuum, analyze, reindex (17+); checkpoint (15+).
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        EXECUTE 'GRANT pg_maintain TO upkeep_maintain';
    END IF;
    IF current_setting('server_version_num')::int >= 150000 THEN
        EXECUTE 'GRANT pg_checkpoint TO upkeep_maintain';
    END IF;
END
$$;

-- Logical backups: reads all rows (14+). On 13, grant SELECT on the tables instead.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 140000 THEN
        EXECUTE 'GRANT pg_read_all_data TO upkeep_backup';
    END IF;
END
$$;

-- terminate-idle and cancel-queries only; cannot touch the sessions of superusers.
GRANT pg_signal_backend TO upkeep_signal;
