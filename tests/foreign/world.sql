-- What clients look at: keys, comments, names that need quotes, a second schema, views, and rows by a fixed formula. TimeZone is UTC.
CREATE TABLE readings (
    site text NOT NULL, device integer NOT NULL, ts timestamptz NOT NULL, temp double precision, status smallint, total bigint,
    price numeric(12,4), ok boolean, note text, day date,
    PRIMARY KEY (site, device, ts)
);
COMMENT ON TABLE readings IS 'what the devices measured';
COMMENT ON COLUMN readings.temp IS 'in °C; NULL: out of order';

INSERT INTO readings
SELECT (ARRAY['north', 'south', 'east'])[i % 3 + 1], i % 7, timestamptz '2024-03-30 00:00+00' + i * interval '11 min 0.000001 s',
       CASE WHEN i % 13 <> 0 THEN i / 8.0 - 20 END, (i % 5)::smallint, (i::bigint % 1000) * 9007199254740993, (i * 7 % 1000) * 1.0005,
       CASE WHEN i % 4 <> 0 THEN i % 3 = 0 END, (ARRAY['', 'ok', 'naïve Δt', '東京', 'it''s', 'a "b"', e'tab\tnew\nline', NULL])[i % 8 + 1],
       date '2024-03-30' + i % 40
FROM generate_series(1, 1500) AS i;

CREATE TABLE devices (
    device integer PRIMARY KEY, model varchar(20) NOT NULL, code char(3), installed date, tags text[], more jsonb, key uuid, pause interval
);
COMMENT ON COLUMN devices.model IS 'as on its plate';
INSERT INTO devices
SELECT d, 'Model ' || d, 'd' || d, date '2020-01-01' + d * 100, ARRAY['t' || d, 'x'], jsonb_build_object('d', d, 'list', '[1, 2]'::jsonb),
       md5(d::text)::uuid, d * interval '1 day 02:03:04'
FROM generate_series(0, 6) AS d;

CREATE TABLE "Odd names" ("Mixed Case" integer, "with space" text, "quote""d" text, "select" boolean);
INSERT INTO "Odd names" VALUES (1, 'one', 'a', true), (2, NULL, 'b', NULL);

CREATE VIEW hourly AS
SELECT site, date_trunc('hour', ts) AS hour, avg(temp) AS temp, count(*) AS n FROM readings GROUP BY 1, 2;
