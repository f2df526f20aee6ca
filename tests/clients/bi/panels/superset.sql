-- Charts of Superset: time grains, series limits, metrics, filters, samples and virtual datasets.
SELECT DATE_TRUNC('month', time_hour) AS time_hour, origin AS origin, COUNT(*) AS count FROM public.flights WHERE time_hour >= '2013-01-01 00:00:00.000000' AND time_hour < '2014-01-01 00:00:00.000000' GROUP BY DATE_TRUNC('month', time_hour), origin ORDER BY count DESC, 1, 2 LIMIT 10000

SELECT DATE_TRUNC('week', time_hour) AS time_hour, flights.carrier AS carrier, avg(dep_delay) AS "AVG(dep_delay)" FROM public.flights JOIN (SELECT carrier AS carrier__, avg(dep_delay) AS mme_inner__ FROM public.flights GROUP BY carrier ORDER BY mme_inner__ DESC, 1 LIMIT 3) AS series_limit ON flights.carrier = series_limit.carrier__ GROUP BY DATE_TRUNC('week', time_hour), flights.carrier ORDER BY 1, 2 LIMIT 10000

SELECT "Seat Class" AS "Seat Class", count(distinct tailnum) AS "COUNT_DISTINCT(tailnum)", sum(fare)/nullif(count(*), 0) AS "fare per flight" FROM public.flights WHERE origin IN ('EWR', 'JFK') AND ((dep_delay > 0)) GROUP BY "Seat Class" ORDER BY "COUNT_DISTINCT(tailnum)" DESC, 1 LIMIT 1000

SELECT origin AS origin, carrier AS carrier, max(dep_delay) AS "MAX(dep_delay)", min(dep_delay) AS "MIN(dep_delay)" FROM public.flights GROUP BY origin, carrier HAVING ((count(*) > 10)) ORDER BY origin ASC, carrier ASC LIMIT 50

SELECT origin AS origin FROM public.flights GROUP BY origin ORDER BY origin ASC LIMIT 1000

SELECT COUNT(*) AS rowcount FROM (SELECT carrier AS carrier FROM public.flights GROUP BY carrier LIMIT 50000) AS rowcount_qry

SELECT DATE_TRUNC('day', at) AS at, sum(flights) AS flights FROM (SELECT * FROM daily WHERE origin <> 'PHL') AS virtual_table WHERE at >= '2013-02-01' AND at < '2013-03-01' GROUP BY DATE_TRUNC('day', at) ORDER BY 1 LIMIT 50000

SELECT * FROM public.airlines ORDER BY carrier LIMIT 1001 OFFSET 0

SELECT CAST(day AS DATE) AS day, sum(CASE WHEN cancelled THEN 1 ELSE 0 END) AS cancelled FROM public.flights WHERE day >= TO_DATE('2013-03-01', 'YYYY-MM-DD') AND day < TO_DATE('2013-05-01', 'YYYY-MM-DD') GROUP BY CAST(day AS DATE) ORDER BY 1

SELECT count(*) FROM public.flights WHERE time_hour >= TO_TIMESTAMP('2013-03-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND time_hour < TO_TIMESTAMP('2013-05-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US')

SELECT DATE_TRUNC('hour', time_hour) + INTERVAL '15 minutes' * FLOOR(EXTRACT(MINUTE FROM time_hour) / 15) AS t, count(*) FROM public.flights GROUP BY 1 ORDER BY 1 LIMIT 100

SELECT tags AS tags, extra AS extra, booking AS booking FROM public.flights WHERE tags IS NOT NULL ORDER BY id LIMIT 100

SELECT origin, dest, count(*) AS n FROM public.flights WHERE dest ILIKE '%A%' GROUP BY ROLLUP(origin, dest) ORDER BY 1 NULLS LAST, 2 NULLS LAST
