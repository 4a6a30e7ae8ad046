-- What every tag did in every ten minutes, so that a trend over months need not read every reading again.
-- Derived from the readings and made again whenever a late one arrives; nothing but a trend reads it.
CREATE TABLE equipment_readingsummary (
    unit_id uuid NOT NULL,
    tag varchar(40) NOT NULL,
    start timestamptz NOT NULL,
    readings integer NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    last double precision NOT NULL,
    in_doubt boolean NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    gap_start timestamptz,
    gap_end timestamptz,
    PRIMARY KEY (unit_id, tag, start)
);

-- Up to when a site's readings are summed up, in its own time. Who writes readings shares the row with others who
-- write; who sums up has it alone: so no reading slips in between the two.
CREATE TABLE equipment_summedup (
    site_id uuid PRIMARY KEY,
    until timestamptz NOT NULL
);
