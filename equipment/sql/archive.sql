-- Lets the readings of the month that `moment` (UTC) lies in go. Only a month that ended a year ago or earlier: whatever
-- the setting says, nothing younger is ever dropped.
CREATE FUNCTION equipment_drop_reading_partition(moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF date_trunc('month', moment, 'UTC') + interval '13 months' > clock_timestamp() THEN
        RAISE EXCEPTION 'baton: readings of % are too young to be dropped', moment USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DROP TABLE %I', 'equipment_reading_' || to_char(moment AT TIME ZONE 'UTC', 'YYYY_MM'));
END $$;
