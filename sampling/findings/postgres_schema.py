"""What the database of a register holds on PostgreSQL: tables, guards, who sees which row, who adds how.

Nobody may insert: every event comes through `add_events`, which runs as the owner, a role that cannot log in.
So one chain goes through the events of all teams though a team sees only its own villages' rows.
`{schema}`, `{owner}`, `{office}`, `{account}` are names in quotes, `{office_name}` and `{team_kinds}` texts.
"""

TABLES = """
CREATE TABLE {schema}.event (
    seq bigint PRIMARY KEY,
    time text NOT NULL,
    actor text NOT NULL,
    kind text NOT NULL,
    payload text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    village text NOT NULL
);
CREATE INDEX event_village ON {schema}.event (village);
COMMENT ON COLUMN {schema}.event.village IS
    'the one village that the payload names, else empty; not hashed, since it follows from the payload';
CREATE TABLE {schema}.head (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    seq bigint NOT NULL,
    hash text NOT NULL
);
INSERT INTO {schema}.head (seq, hash) VALUES (0, repeat('0', 64));
CREATE TABLE {schema}.vault (
    sha256 text PRIMARY KEY,
    salt text NOT NULL,
    content text NOT NULL
);
CREATE TABLE {schema}.team_village (
    account text NOT NULL,
    village text NOT NULL CHECK (village <> ''),
    PRIMARY KEY (account, village)
);
"""

GUARDS = """
CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.event
    EXECUTE FUNCTION {schema}.refuse('the register is only ever added to');
CREATE TRIGGER head_is_not_removed BEFORE DELETE OR TRUNCATE ON {schema}.head
    EXECUTE FUNCTION {schema}.refuse('the register is only ever added to');
CREATE TRIGGER record_is_not_changed BEFORE UPDATE OR TRUNCATE ON {schema}.vault
    EXECUTE FUNCTION {schema}.refuse('a record is never changed');
"""

ROWS = """
ALTER TABLE {schema}.event ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.event FORCE ROW LEVEL SECURITY;
ALTER TABLE {schema}.head ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.head FORCE ROW LEVEL SECURITY;
ALTER TABLE {schema}.vault ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.vault FORCE ROW LEVEL SECURITY;
ALTER TABLE {schema}.team_village ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.team_village FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON {schema}.event TO {owner} USING (true) WITH CHECK (true);
CREATE POLICY owner ON {schema}.head TO {owner} USING (true) WITH CHECK (true);
CREATE POLICY owner ON {schema}.vault TO {owner} USING (true) WITH CHECK (true);
CREATE POLICY owner ON {schema}.team_village TO {owner} USING (true) WITH CHECK (true);
CREATE POLICY office ON {schema}.event FOR SELECT TO {office} USING (true);
CREATE POLICY office ON {schema}.vault FOR SELECT TO {office} USING (true);
CREATE POLICY office ON {schema}.team_village FOR SELECT TO {office} USING (true);
CREATE POLICY everybody ON {schema}.head FOR SELECT USING (true);
CREATE POLICY team ON {schema}.team_village FOR SELECT USING (account = session_user::text);
CREATE POLICY team ON {schema}.event FOR SELECT USING (
    village IN (SELECT own.village FROM {schema}.team_village own WHERE own.account = session_user::text)
    OR (village = '' AND actor = session_user::text)
);
"""

READING = r"""
CREATE OR REPLACE FUNCTION {schema}.readable(payload text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    -- jsonb cannot hold the character 0; another that stands in no name takes its place
    SELECT CASE WHEN strpos(payload, '\u0000') > 0
        THEN regexp_replace(payload, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g')
        ELSE payload END :: jsonb
$$;
CREATE OR REPLACE FUNCTION {schema}.villages(payload jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    -- every village that an event is about; `cells` are what somebody wrote, whatever that is
    SELECT coalesce(array_agg(DISTINCT named.village), ARRAY[]::text[]) FROM (
        SELECT payload ->> 'village' AS village
        UNION ALL
        SELECT part.value ->> 'village' FROM jsonb_each(payload) AS part
        WHERE jsonb_typeof(part.value) = 'object' AND part.key <> 'cells'
        UNION ALL
        SELECT payload -> 'key' ->> 1
        UNION ALL
        SELECT payload -> 'item' ->> CASE payload -> 'item' ->> 0
            WHEN 'household' THEN 2 WHEN 'village' THEN 1 WHEN 'row' THEN 1 END
    ) AS named
    WHERE named.village <> ''
$$;
CREATE OR REPLACE FUNCTION {schema}.place_of(named text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT CASE WHEN cardinality(named) = 1 THEN named[1] ELSE '' END
$$;
CREATE OR REPLACE FUNCTION {schema}.place_again(payload text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = {schema}, pg_temp AS $$
BEGIN
    RETURN place_of(villages(readable(payload)));
EXCEPTION WHEN data_exception THEN
    RETURN NULL;  -- damaged, which the chain tells
END $$;
"""

WRITING = """
CREATE OR REPLACE FUNCTION {schema}.take_head(OUT seq bigint, OUT hash text)
LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    -- a machine that falls asleep while it holds the head must not keep all others waiting
    SELECT set_config('idle_in_transaction_session_timeout', '5min', true);
    SELECT head.seq, head.hash FROM head FOR UPDATE
$$;
CREATE OR REPLACE FUNCTION {schema}.keep_record(digest text, salt text, content text) RETURNS void
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF encode(sha256(convert_to(salt || content, 'UTF8')), 'hex') IS DISTINCT FROM digest THEN
        RAISE EXCEPTION USING MESSAGE = 'the payload must hold the hash of its record',
            ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO vault VALUES (digest, salt, content);
END $$;
CREATE OR REPLACE FUNCTION {schema}.refuse_others(kind text, named text[]) RETURNS void
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    others text[] := ARRAY(
        SELECT one FROM unnest(named) AS one
        EXCEPT SELECT own.village FROM team_village own WHERE own.account = session_user::text
    );
BEGIN
    IF kind <> ALL (ARRAY[{team_kinds}]) OR cardinality(others) > 0 THEN
        RAISE EXCEPTION USING MESSAGE = 'a team adds what it found, and only to its own villages',
            DETAIL = array_to_string(others, ', '), ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
CREATE OR REPLACE FUNCTION {schema}.add_events(
    actor text, at text, kinds text[], payloads text[], salts text[], contents text[],
    OUT last_seq bigint, OUT last_hash text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    by_office boolean := pg_has_role(session_user, {office_name}, 'MEMBER');
    who text := CASE WHEN by_office THEN actor ELSE session_user::text END;
    read jsonb;
    named text[];
    before text;
BEGIN
    SELECT head.seq, head.hash INTO last_seq, last_hash FROM head FOR UPDATE;
    FOR i IN 1 .. cardinality(kinds) LOOP
        read := readable(payloads[i]);
        named := villages(read);
        IF NOT by_office THEN
            PERFORM refuse_others(kinds[i], named);
        END IF;
        IF salts[i] IS NOT NULL THEN
            PERFORM keep_record(read ->> 'personal', salts[i], contents[i]);
        END IF;
        last_seq := last_seq + 1;
        before := last_hash;
        last_hash := encode(sha256(convert_to(
            '[' || last_seq || ',' || to_json(at) || ',' || to_json(who) || ',' || to_json(kinds[i])
            || ',' || to_json(payloads[i]) || ',' || to_json(before) || ']', 'UTF8')), 'hex');
        INSERT INTO event VALUES
            (last_seq, at, who, kinds[i], payloads[i], before, last_hash, place_of(named));
    END LOOP;
    UPDATE head SET seq = last_seq, hash = last_hash;
END $$;
CREATE OR REPLACE FUNCTION {schema}.erase_records(sha256s text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    DELETE FROM vault WHERE vault.sha256 = ANY (sha256s)
$$;
"""

RIGHTS = """
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT USAGE ON SCHEMA {schema} TO {office};
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {office};
GRANT EXECUTE ON FUNCTION {schema}.readable, {schema}.villages, {schema}.place_of, {schema}.place_again,
    {schema}.take_head, {schema}.add_events, {schema}.erase_records TO {office};
"""

TEAM_RIGHTS = """
GRANT USAGE ON SCHEMA {schema} TO {account};
GRANT SELECT ON {schema}.event, {schema}.head, {schema}.team_village TO {account};
GRANT EXECUTE ON FUNCTION {schema}.take_head, {schema}.add_events TO {account};
"""

TEAM_KINDS = (
    *("finding", "correction", "second_entry", "second_visit", "village_form"),
    *("file_received", "quarantined"),
)
"""Kinds of events that a team adds; what is decided about them, and the stock of forms, is for the office."""

ONCE = "".join((TABLES, GUARDS, ROWS))
AGAIN = "".join((READING, WRITING, RIGHTS))
"""What a newer version of the program may make anew: no row and no right changes by it."""
