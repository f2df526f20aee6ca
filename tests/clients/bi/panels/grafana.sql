-- Panels, variables and alerts of Grafana's PostgreSQL data source, as its macros expand for a range of a dashboard.
SELECT time_hour AS "time", dep_delay FROM flights WHERE time_hour BETWEEN '2013-02-01T00:00:00Z' AND '2013-05-01T23:59:59.999Z' ORDER BY 1

SELECT time_hour AS "time", origin AS metric, arr_delay AS value FROM flights WHERE time_hour BETWEEN '2013-03-01T00:00:00Z' AND '2013-03-31T22:00:00.5Z' ORDER BY 1, 2

SELECT floor(extract(epoch from time_hour)/86400)*86400 AS "time", count(*) AS flights FROM flights WHERE time_hour BETWEEN '2013-01-15T00:00:00Z' AND '2013-06-15T00:00:00Z' GROUP BY 1 ORDER BY 1

SELECT floor(extract(epoch from time_hour)/3600)*3600 AS "time", origin AS metric, avg(dep_delay) AS "avg delay" FROM flights WHERE time_hour BETWEEN '2013-01-15T00:00:00Z' AND '2013-02-15T00:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2

SELECT floor(extract(epoch from time_hour)/604800)*604800 AS "time", sum(distance), min(dep_delay), max(dep_delay), count(DISTINCT tailnum) FROM flights GROUP BY "time" ORDER BY "time"

SELECT floor(extract(epoch from time_hour)/0.5)*0.5 AS "time", sum(fare) FROM flights WHERE id < 20 GROUP BY 1 ORDER BY 1

SELECT floor(extract(epoch from sched)/300)*300 AS "time", sum(fare) FROM flights WHERE sched BETWEEN '2013-02-01T00:00:00Z' AND '2013-03-01T00:00:00Z' GROUP BY 1 ORDER BY 1

SELECT extract(epoch from time_hour) AS "time", dep_delay AS value FROM flights WHERE origin = 'JFK' AND time_hour BETWEEN '2013-02-01T00:00:00Z' AND '2013-02-20T00:00:00Z' ORDER BY 1

SELECT epoch_s AS "time", distance FROM flights WHERE epoch_s >= 1362096000 AND epoch_s <= 1364774400 ORDER BY 1

SELECT floor((epoch_s)/21600)*21600 AS "time", count(*) FROM flights WHERE epoch_s >= 1362096000 AND epoch_s <= 1364774400 GROUP BY 1 ORDER BY 1

SELECT epoch_s * 1000000000 AS "time", distance FROM flights WHERE epoch_s * 1000000000 >= 1362096000000000000 AND epoch_s * 1000000000 <= 1362182400000000000 ORDER BY 1

SELECT date_trunc('day', time_hour) AS time, origin AS metric, count(*) AS value FROM flights WHERE time_hour >= '2013-04-01T00:00:00Z' AND time_hour <= '2013-06-01T00:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2

SELECT date_bin('15 minutes', time_hour, '2000-01-01') AS time, max(dep_delay) FROM flights WHERE time_hour BETWEEN '2013-01-15T00:00:00Z' AND '2013-02-15T00:00:00Z' GROUP BY 1 ORDER BY 1

SELECT to_timestamp(floor(extract(epoch from time_hour)/86400)*86400) AS time, avg(air_time) FROM flights GROUP BY 1 ORDER BY 1

SELECT time_hour AS time, avg(dep_delay) OVER (PARTITION BY origin ORDER BY time_hour ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS value, origin AS metric FROM flights WHERE time_hour BETWEEN '2013-02-01T00:00:00Z' AND '2013-03-01T00:00:00Z' ORDER BY 1, 3

SELECT floor(extract(epoch from time_hour)/86400)*86400 AS time, lag(count(*)) OVER (ORDER BY floor(extract(epoch from time_hour)/86400)*86400) AS before, count(*) FROM flights WHERE time_hour BETWEEN '2013-02-01T00:00:00Z' AND '2013-02-21T00:00:00Z' GROUP BY 1 ORDER BY 1

-- what the query builder makes
SELECT origin, count(id) FROM flights GROUP BY origin LIMIT 50

SELECT AVG(dep_delay) AS "delay", carrier FROM flights WHERE (origin = 'JFK' AND time_hour BETWEEN '2013-02-01T00:00:00Z' AND '2013-08-01T00:00:00Z') GROUP BY carrier ORDER BY carrier LIMIT 50

SELECT "Seat Class", SUM(fare), COUNT("Seat Class") FROM public.flights WHERE NOT origin = 'EWR' GROUP BY "Seat Class" ORDER BY SUM(fare) DESC LIMIT 10

SELECT STDDEV(dep_delay), VARIANCE(arr_delay) FROM flights WHERE dest IN ('ORD', 'LAX') LIMIT 1

SELECT "Min Fare", "Valid From", "% off" FROM "Fare Rules" WHERE "Origin" IS NOT NULL AND "Min Fare" >= 100 ORDER BY "Rule Id" LIMIT 50

SELECT * FROM weather WHERE origin LIKE 'J%' ORDER BY time_hour LIMIT 5

-- variables: a list, a list that hangs on another, a pair of text and value, multiple values, All, a custom All
SELECT DISTINCT origin FROM flights ORDER BY origin

SELECT DISTINCT dest FROM flights WHERE origin IN ('EWR','JFK') ORDER BY 1

SELECT name AS __text, carrier AS __value FROM airlines ORDER BY 1

SELECT DISTINCT "Seat Class" FROM flights WHERE "Seat Class" ILIKE '%' || 'b' || '%'

SELECT count(*) FROM flights WHERE carrier IN ('UA','B6','DL') AND origin IN ('EWR','JFK','LGA','PHL')

SELECT count(*) FROM flights WHERE "Seat Class" IN ('First/"Suite"') AND ('all' = 'all' OR origin = 'all')

SELECT count(*) FROM flights WHERE origin ~ '^(EWR|JFK)$'

SELECT carrier FROM airlines WHERE name ~* 'united|jet' OR name = 'O''Hare & Söhne 100% "Air"' ORDER BY 1

-- annotations: a time, an end, a text, tags
SELECT extract(epoch from time_hour)*1000 AS time, extract(epoch from time_hour + interval '2 hours')*1000 AS timeend, 'cancelled ' || flight AS text, origin || ',' || carrier AS tags FROM flights WHERE cancelled AND time_hour BETWEEN '2013-01-01T00:00:00Z' AND '2013-12-31T23:59:59Z' ORDER BY 1

SELECT time_hour AS time, tailnum AS text, array_to_string(tags, ',') AS tags FROM flights WHERE tags IS NOT NULL AND tags <> '{}' ORDER BY 1 LIMIT 20

-- alert rules: one number, one number by label, a condition on the last hours
SELECT count(*) FROM flights WHERE cancelled AND time_hour BETWEEN '2013-05-01T00:00:00Z' AND '2013-05-08T00:00:00Z'

SELECT origin, avg(dep_delay) > 30 AS late, avg(dep_delay) AS delay FROM flights WHERE time_hour BETWEEN '2013-05-01T00:00:00Z' AND '2013-06-01T00:00:00Z' GROUP BY origin ORDER BY 1

SELECT max(time_hour) AS time, origin AS metric, count(*) FILTER (WHERE cancelled)::float / count(*) AS value FROM flights GROUP BY origin ORDER BY 2

-- stat, gauge, bar and table panels
SELECT sum(fare) AS revenue, count(*) AS flights, sum(fare) / nullif(count(*), 0) AS yield FROM flights WHERE NOT cancelled

SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY dep_delay) AS p95, percentile_disc(0.5) WITHIN GROUP (ORDER BY dep_delay) AS p50 FROM flights

SELECT a.name, count(*) AS n, round(avg(f.dep_delay), 1) AS delay FROM flights f JOIN airlines a USING (carrier) GROUP BY a.name ORDER BY n DESC, a.name LIMIT 5

SELECT CASE WHEN dep_delay <= 0 THEN 'on time' WHEN dep_delay <= 60 THEN 'late' WHEN dep_delay IS NULL THEN 'cancelled' ELSE 'very late' END AS bucket, count(*) FROM flights GROUP BY 1 ORDER BY 2 DESC, 1

SELECT width_bucket(distance, 0, 3000, 10) AS bucket, count(*) FROM flights GROUP BY 1 ORDER BY 1

SELECT g AS time, coalesce(n, 0) AS value FROM generate_series(timestamptz '2013-02-01', timestamptz '2013-02-10', interval '1 day') g LEFT JOIN (SELECT date_trunc('day', time_hour) AS d, count(*) AS n FROM flights GROUP BY 1) c ON c.d = g ORDER BY 1

SELECT w.time_hour AS time, w.temp, w.humid FROM weather w WHERE w.origin = 'LGA' AND w.time_hour BETWEEN '2013-01-05T00:00:00Z' AND '2013-01-08T00:00:00Z' ORDER BY 1

SELECT floor(extract(epoch from f.time_hour)/86400)*86400 AS time, avg(w.temp) AS temp, avg(f.dep_delay) AS delay FROM flights f JOIN weather w ON w.origin = f.origin AND w.time_hour = date_bin('6 hours', f.time_hour, '2013-01-01') GROUP BY 1 ORDER BY 1

SELECT extra->>'gate' AS gate, avg((extra->>'load')::float8) AS load FROM flights WHERE extra IS NOT NULL GROUP BY 1 ORDER BY 1

SELECT * FROM daily WHERE at BETWEEN '2013-02-01T00:00:00Z' AND '2013-02-10T00:00:00Z' ORDER BY at, origin

SELECT origin, last_value(dep_delay) OVER (PARTITION BY origin ORDER BY time_hour ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS last FROM flights WHERE id > 470 ORDER BY 1

WITH t AS (SELECT origin, date_trunc('month', time_hour) AS m, count(*) AS n FROM flights GROUP BY 1, 2) SELECT m AS time, origin AS metric, n - avg(n) OVER (PARTITION BY origin) AS value FROM t ORDER BY 1, 2

SELECT origin, array_agg(DISTINCT dest ORDER BY dest) AS dests FROM flights WHERE dest IS NOT NULL GROUP BY origin ORDER BY 1

SELECT DISTINCT ON (origin) origin, time_hour, dep_delay FROM flights ORDER BY origin, time_hour DESC

SELECT time_hour AT TIME ZONE 'Europe/Berlin' AS local, dep_delay FROM flights WHERE id BETWEEN 140 AND 160 ORDER BY 1

SELECT to_char(time_hour, 'YYYY-MM') AS month, count(*) FROM flights GROUP BY 1 ORDER BY 1

SELECT extract(hour from time_hour) AS hour, extract(isodow from time_hour) AS day, count(*) FROM flights GROUP BY 1, 2 ORDER BY 1, 2
