SELECT floor(extract(epoch from ts)/3600)*3600 AS "time", avg(temp) AS "temp" FROM readings WHERE ts BETWEEN '2024-03-01T00:00:00Z' AND '2024-03-02T00:00:00Z' GROUP BY 1 ORDER BY 1

SELECT floor(extract(epoch from ts)/60)*60 AS "time", site AS metric, max(hum) AS "value" FROM readings WHERE ts >= '2024-03-05T00:00:00.000Z' AND ts <= '2024-03-06T12:30:00.000Z' GROUP BY 1, 2 ORDER BY 1, 2

SELECT (extract(epoch from ts)/86400)::bigint*86400 AS "time", count(*) FROM readings WHERE site IN ('s1','d1','p1') GROUP BY 1 ORDER BY 1

SELECT extract(epoch from ts)::bigint AS time, temp FROM readings WHERE ts > '2024-04-03T00:00:00Z' AND site = 'g1' ORDER BY time, temp

SELECT ts AS "time", temp, hum FROM readings WHERE (ts BETWEEN '2024-03-10T10:00:00Z' AND '2024-03-10T14:00:00Z') AND device = 5 ORDER BY 1, 2

SELECT date_trunc('hour', ts) AS time, site || ' ' || coalesce(note, '-') AS metric, count(*) AS value FROM readings WHERE ts >= '2024-03-30T00:00:00Z' AND ts < '2024-04-01T00:00:00Z' GROUP BY time, metric ORDER BY time, metric

SELECT to_timestamp(floor(extract(epoch from ts)/21600)*21600) AS t, percentile_cont(0.95) WITHIN GROUP (ORDER BY temp) AS p95 FROM readings GROUP BY t ORDER BY t LIMIT 20

SELECT DISTINCT site FROM readings ORDER BY 1

SELECT DISTINCT device AS __value, model AS __text FROM devices WHERE model IS NOT NULL ORDER BY 1

SELECT min(ts) AS "time", 'first seen ' || site AS text, site AS tags FROM readings GROUP BY site ORDER BY 1, 3

SELECT $$literal with 'quotes'$$ AS "a b", count(*) AS "Count (all)" FROM readings

SELECT date_bin('15 minutes', ts, timestamptz '2024-01-01') AS bucket, avg(temp) FROM readings WHERE ts >= '2024-03-01' AND ts < '2024-03-02' GROUP BY bucket ORDER BY bucket

SELECT site, last FROM (SELECT site, temp AS last, row_number() OVER (PARTITION BY site ORDER BY ts DESC, temp) AS rn FROM readings) AS q WHERE rn = 1 ORDER BY site

SELECT t.time, t.v - lag(t.v) OVER (ORDER BY t.time) AS delta FROM (SELECT date_trunc('day', ts) AS time, count(*) AS v FROM readings GROUP BY 1) t ORDER BY 1

SELECT hour AS time, temp FROM hourly WHERE site = 's2' AND hour >= '2024-03-01' AND hour < '2024-03-02' ORDER BY 1

SELECT site, sum(n) FROM hourly WHERE hour BETWEEN '2024-03-01T00:00:00Z' AND '2024-03-15T00:00:00Z' GROUP BY site ORDER BY site

SELECT coalesce(status::text, 'none') AS metric, count(*) AS value FROM readings WHERE ts BETWEEN '2024-02-25T00:00:00Z' AND '2024-04-01T00:00:00Z' GROUP BY 1 HAVING count(*) > 10 ORDER BY 2 DESC, 1

SELECT extract(dow from ts) AS dow, extract(hour from ts) AS hour, avg(temp) AS heat FROM readings GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 50

SELECT day::timestamptz AS time, sum(price) AS value FROM readings WHERE day BETWEEN '2024-03-01' AND '2024-03-10' GROUP BY day ORDER BY day

-- params: {'1': '2024-03-01T00:00:00Z', '2': '2024-03-03T00:00:00Z'}
SELECT date_trunc('hour', ts) AS time, avg(temp) FROM readings WHERE ts >= $1 AND ts < $2 GROUP BY 1 ORDER BY 1

-- params: {'1': '{s1,g1}', '2': '5'}
SELECT site, count(*) FROM readings WHERE site = ANY($1) AND device >= $2 GROUP BY site ORDER BY site

SELECT 1 AS "time", NULL::float8 AS value WHERE false
