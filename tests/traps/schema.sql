-- Measurements of five sites and the devices that made them, from a fixed formula: every column has NULLs, and the values that
-- tell engines apart (fractions of a second, integers beyond 2^53, quotes, accents, a DST change). TimeZone is UTC.
CREATE TABLE readings (
    site text, device integer, ts timestamptz, temp double precision, hum real, status smallint,
    total bigint, price numeric(12,4), ok boolean, note text, day date
);

CREATE TABLE devices (device integer, model text, installed date);

WITH ticks AS (
    SELECT site, s, i, timestamptz '2024-02-20 00:00+00' + make_interval(secs => (i::bigint * 7919 * (s + 3)) % 3888000) AS tick
    FROM unnest(ARRAY['s1', 's2', 'd1', 'p1', 'g1']) WITH ORDINALITY AS sites(site, s), generate_series(1, 400) AS numbers(i)
)
INSERT INTO readings
SELECT site,
       CASE WHEN i % 97 <> 0 THEN (i * 7 + s) % 8 + 1 + 100 * (s % 3) END,
       tick + CASE i % 4 WHEN 0 THEN interval '0.5 s' WHEN 1 THEN interval '0.123456 s' ELSE interval '0' END,
       CASE WHEN i % 13 <> 0
            THEN round((((i::bigint * 104729) % 60013) / 1000.0 - 15)::numeric, (ARRAY[0, 1, 3, 9])[i % 4 + 1])::float8 END,
       CASE WHEN i % 17 <> 0 THEN ((i * 31) % 801) / 8.0 END,
       CASE WHEN i % 19 <> 0 THEN (ARRAY[0, 1, 2, 3, -1])[i % 5 + 1] END,
       CASE WHEN i % 11 <> 0
            THEN (ARRAY[0, 1, 2147483648, -1099511627776, 9007199254740993, (i::bigint * 7907) % 1000000])[i % 6 + 1] END,
       CASE WHEN i % 23 <> 0 THEN ((i::bigint * 65537) % 20000001 - 10000000) / 10000.0 END,
       CASE WHEN i % 29 <> 0 THEN i % 10 < 7 END,
       CASE WHEN s <> 1 AND i % 7 <> 0
            THEN (ARRAY['', 'ok', 'OK', 'fault: E42', 'naïve Δt', '100%', 'a_b', 'back\slash', 'it''s', 'say "hi"', e'tab\there',
                        '東京', 'zzz', 'Zebra', 'éclair'])[i % 15 + 1] END,
       CASE WHEN i % 37 <> 0 THEN tick::date END
FROM ticks;

INSERT INTO devices
SELECT 100 * k + d, (ARRAY['A1', 'B2', 'c3', NULL])[(k * 5 + d) % 4 + 1], date '2020-01-01' + (k * 977 + d * 131) % 1500
FROM generate_series(0, 2) AS k, generate_series(1, 8) AS d;

CREATE VIEW hourly AS
SELECT site, date_trunc('hour', ts) AS hour, avg(temp) AS temp, count(*) AS n FROM readings GROUP BY 1, 2;
