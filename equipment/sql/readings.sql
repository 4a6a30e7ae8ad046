-- Readings: a table that only grows, one partition for each month of source time.
-- Owned by the owner role; the runtime role inserts and reads, and makes partitions only through the function below.
CREATE TABLE equipment_reading (
    unit_id uuid NOT NULL,
    tag varchar(40) NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    value double precision,
    quality varchar(10) NOT NULL,
    CONSTRAINT reading_quality_known CHECK (quality IN ('good', 'uncertain', 'bad')),
    CONSTRAINT reading_without_value_is_bad CHECK (value IS NOT NULL OR quality = 'bad')
) PARTITION BY RANGE (at);

CREATE INDEX equipment_reading_at ON equipment_reading USING brin (at) WITH (pages_per_range = 16);

CREATE FUNCTION equipment_reading_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'baton: rows of % are never changed this way (%)', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- A row trigger on the parent is cloned to every partition; TRUNCATE has no row trigger and is guarded one by one.
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON equipment_reading
    FOR EACH ROW EXECUTE FUNCTION equipment_reading_only_grows();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON equipment_reading
    FOR EACH STATEMENT EXECUTE FUNCTION equipment_reading_only_grows();

CREATE TABLE equipment_reading_other PARTITION OF equipment_reading DEFAULT;
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON equipment_reading_other
    FOR EACH STATEMENT EXECUTE FUNCTION equipment_reading_only_grows();

-- Makes the partition of the month that `moment` (UTC) lies in; true when it is there afterwards. A month that already
-- has rows in the default partition stays there: rows are never moved.
CREATE FUNCTION equipment_ensure_reading_partition(moment timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first timestamptz := date_trunc('month', moment, 'UTC');
    next timestamptz := date_trunc('month', moment, 'UTC') + interval '1 month';
    name text := 'equipment_reading_' || to_char(moment AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF moment NOT BETWEEN '2000-01-01' AND '2200-01-01' THEN
        RETURN false;
    END IF;
    IF to_regclass(name) IS NOT NULL THEN
        RETURN true;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('equipment_reading'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN true;
    END IF;
    IF EXISTS (SELECT 1 FROM equipment_reading_other WHERE at >= first AND at < next) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF equipment_reading FOR VALUES FROM (%L) TO (%L)', name, first, next);
    EXECUTE format(
        'CREATE TRIGGER never_truncated BEFORE TRUNCATE ON %I '
        'FOR EACH STATEMENT EXECUTE FUNCTION equipment_reading_only_grows()', name);
    RETURN true;
END $$;
