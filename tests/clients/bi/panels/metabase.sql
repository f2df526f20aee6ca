-- Questions, filters and drill-throughs of Metabase, fingerprints and field values of its sync. Its names are always quoted and qualified;
-- buckets of each unit are in buckets.py.
SELECT "public"."flights"."id" AS "id", "public"."flights"."time_hour" AS "time_hour", "public"."flights"."origin" AS "origin", "public"."flights"."Seat Class" AS "Seat Class" FROM "public"."flights" ORDER BY "public"."flights"."id" ASC LIMIT 2000

-- fingerprints: the first rows, texts cut
SELECT "source"."substring1" AS "substring1", "source"."fare" AS "fare", "source"."time_hour" AS "time_hour" FROM (SELECT SUBSTRING("public"."flights"."tailnum" FROM 1 FOR 1234) AS "substring1", "public"."flights"."fare" AS "fare", "public"."flights"."time_hour" AS "time_hour", "public"."flights"."id" AS "id" FROM "public"."flights") AS "source" ORDER BY "source"."id" LIMIT 10000

-- field values and their count
SELECT "public"."flights"."origin" AS "origin" FROM "public"."flights" GROUP BY "public"."flights"."origin" ORDER BY "public"."flights"."origin" ASC LIMIT 1001

SELECT "public"."flights"."Seat Class" AS "Seat Class" FROM "public"."flights" GROUP BY "public"."flights"."Seat Class" ORDER BY "public"."flights"."Seat Class" ASC LIMIT 1001

SELECT COUNT(DISTINCT "public"."flights"."tailnum") AS "count" FROM "public"."flights"

SELECT TRUE AS "_" FROM "public"."flights" WHERE 1 <> 1 LIMIT 0

SELECT COUNT(*) AS "count" FROM "public"."flights"

SELECT "public"."flights"."origin" AS "origin", COUNT(*) AS "count" FROM "public"."flights" GROUP BY "public"."flights"."origin" ORDER BY "count" DESC, "public"."flights"."origin" ASC

-- params: {'1': 'JFK'}
SELECT AVG("public"."flights"."dep_delay") AS "avg", SUM("public"."flights"."fare") AS "sum", MIN("public"."flights"."fare") AS "min", MAX("public"."flights"."time_hour") AS "max", STDDEV_POP("public"."flights"."distance") AS "stddev" FROM "public"."flights" WHERE "public"."flights"."origin" = $1

-- params: {'1': '2013-03-01 00:00:00+00', '2': '2013-04-01 00:00:00+00'}
SELECT COUNT(*) AS "count" FROM "public"."flights" WHERE "public"."flights"."time_hour" >= $1 AND "public"."flights"."time_hour" < $2

SELECT COUNT(*) AS "count" FROM "public"."flights" WHERE "public"."flights"."time_hour" >= timestamp with time zone '2013-03-01 00:00:00.000Z' AND "public"."flights"."time_hour" < timestamp with time zone '2013-04-01 00:00:00.000Z'

SELECT COUNT(*) AS "count" FROM "public"."flights" WHERE "public"."flights"."day" >= date '2013-03-01' AND "public"."flights"."day" < date '2013-04-01' AND "public"."flights"."sched" < timestamp '2013-03-20 12:00:00.000'

SELECT COUNT(*) AS "count" FROM "public"."flights" WHERE DATE_TRUNC('month', "public"."flights"."time_hour") = DATE_TRUNC('month', timestamp with time zone '2013-03-15 00:00:00Z')

SELECT DATE_TRUNC('month', "public"."flights"."time_hour") >= DATE_TRUNC('month', (NOW() + INTERVAL '-1 month')) AS "recent", COUNT(*) AS "count" FROM "public"."flights" GROUP BY 1

SELECT COUNT(*) AS "count" FROM "public"."flights" WHERE "public"."flights"."time_hour" + INTERVAL '7 day' < timestamp with time zone '2013-03-01 00:00:00Z' AND CAST("public"."flights"."day" + INTERVAL '3 month' AS date) > date '2013-04-20'

-- params: {'1': '%air%'}
SELECT "public"."airlines"."carrier" AS "carrier", "public"."airlines"."name" AS "name" FROM "public"."airlines" WHERE LOWER("public"."airlines"."name") LIKE $1 ORDER BY "public"."airlines"."carrier" ASC LIMIT 1048575

-- params: {'1': 'N1%', '2': '%9'}
SELECT COUNT(*) AS "count" FROM "public"."flights" WHERE ("public"."flights"."tailnum" LIKE $1 AND NOT ("public"."flights"."tailnum" LIKE $2 OR "public"."flights"."tailnum" IS NULL))

SELECT COUNT(*) AS "count" FROM "public"."flights" WHERE ("public"."flights"."Seat Class" IS NULL OR "public"."flights"."Seat Class" = '') AND ("public"."flights"."dest" <> 'ORD' OR "public"."flights"."dest" IS NULL)

-- params: {'1': 10, '2': 99.5}
SELECT COUNT(*) AS "count" FROM "public"."flights" WHERE "public"."flights"."dep_delay" BETWEEN $1 AND $2::float8

SELECT SUM(CASE WHEN "public"."flights"."cancelled" = TRUE THEN 1 ELSE 0.0 END) AS "cancelled", CAST(SUM(CASE WHEN "public"."flights"."cancelled" = TRUE THEN 1 ELSE 0.0 END) AS DOUBLE PRECISION) / NULLIF(CAST(COUNT(*) AS DOUBLE PRECISION), 0.0) AS "share" FROM "public"."flights"

-- binning
SELECT FLOOR("public"."flights"."distance" / 500) * 500 AS "distance", COUNT(*) AS "count" FROM "public"."flights" GROUP BY FLOOR("public"."flights"."distance" / 500) * 500 ORDER BY FLOOR("public"."flights"."distance" / 500) * 500 ASC

SELECT (FLOOR((("public"."flights"."fare" - 0.0) / 112.5)) * 112.5) + 0.0 AS "fare", COUNT(*) AS "count" FROM "public"."flights" GROUP BY (FLOOR((("public"."flights"."fare" - 0.0) / 112.5)) * 112.5) + 0.0 ORDER BY 1 ASC

-- joins, implicit and explicit; the second column of a name gets a number
SELECT "airlines__via__carrier"."name" AS "airlines__via__carrier__name", COUNT(*) AS "count" FROM "public"."flights" LEFT JOIN "public"."airlines" AS "airlines__via__carrier" ON "public"."flights"."carrier" = "airlines__via__carrier"."carrier" GROUP BY "airlines__via__carrier"."name" ORDER BY "count" DESC, "airlines__via__carrier"."name" ASC

SELECT "public"."flights"."id" AS "id", "Weather"."temp" AS "Weather__temp", "Weather"."origin" AS "Weather__origin" FROM "public"."flights" INNER JOIN "public"."weather" AS "Weather" ON ("public"."flights"."origin" = "Weather"."origin") AND (DATE_TRUNC('day', "public"."flights"."time_hour") = "Weather"."time_hour") WHERE "public"."flights"."id" < 100 ORDER BY 1 LIMIT 1048575

SELECT "A"."name" AS "name", "source"."n" AS "n" FROM "public"."airlines" AS "A" FULL JOIN (SELECT "public"."flights"."carrier" AS "carrier", COUNT(*) AS "n" FROM "public"."flights" WHERE "public"."flights"."origin" = 'LGA' GROUP BY "public"."flights"."carrier") AS "source" ON "A"."carrier" = "source"."carrier" ORDER BY 1

-- questions on questions
SELECT AVG("source"."count") AS "avg" FROM (SELECT "public"."flights"."origin" AS "origin", DATE_TRUNC('month', "public"."flights"."time_hour") AS "time_hour", COUNT(*) AS "count" FROM "public"."flights" GROUP BY "public"."flights"."origin", DATE_TRUNC('month', "public"."flights"."time_hour")) AS "source"

SELECT "source"."origin" AS "origin", "source"."sum" AS "sum" FROM (SELECT "public"."flights"."origin" AS "origin", SUM("public"."flights"."fare") AS "sum" FROM "public"."flights" GROUP BY "public"."flights"."origin") AS "source" WHERE "source"."sum" > 20000 ORDER BY "source"."sum" DESC

SELECT "source"."id" AS "id", "source"."late" AS "late" FROM (SELECT "public"."flights"."id" AS "id", CASE WHEN "public"."flights"."dep_delay" > 60 THEN 'late' ELSE 'fine' END AS "late" FROM "public"."flights") AS "source" WHERE "source"."late" = 'late' ORDER BY 1 LIMIT 20

-- expressions
SELECT "public"."flights"."id" AS "id", (CAST("public"."flights"."fare" AS DOUBLE PRECISION) / NULLIF("public"."flights"."distance", 0)) * 100 AS "c", ROUND(CAST("public"."flights"."fare" AS numeric), 0) AS "r", ABS("public"."flights"."dep_delay") AS "a", CEIL("public"."flights"."air_time") AS "e", POWER("public"."flights"."flight", 2) AS "p", SQRT("public"."flights"."distance") AS "s", LOG(10.0, CAST("public"."flights"."distance" AS numeric)) > 2 AS "l" FROM "public"."flights" WHERE "public"."flights"."id" <= 40 ORDER BY 1

SELECT "public"."airlines"."carrier" AS "carrier", CONCAT("public"."airlines"."name", ' (', "public"."airlines"."carrier", ')') AS "label", CHAR_LENGTH("public"."airlines"."name") AS "length", UPPER("public"."airlines"."name") AS "upper", REPLACE("public"."airlines"."name", 'Air', 'Sky') AS "replace", SUBSTRING("public"."airlines"."name" FROM '[A-Z]+\w*') AS "regex", TRIM("public"."airlines"."name") AS "trim", COALESCE("public"."airlines"."founded", 0) AS "founded" FROM "public"."airlines" ORDER BY 1

SELECT CASE WHEN 2 < 1 THEN '' ELSE SPLIT_PART("public"."airlines"."name", ' ', 2) END AS "second" FROM "public"."airlines" ORDER BY "public"."airlines"."carrier"

-- differences of dates, a zone's time, the middle
SELECT "public"."flights"."id" AS "id", CAST(EXTRACT(year FROM AGE(DATE_TRUNC('day', "public"."flights"."sched"), DATE_TRUNC('day', timestamp '2011-02-03 04:05'))) AS integer) AS "years", CAST(EXTRACT(month FROM AGE(DATE_TRUNC('day', "public"."flights"."sched"), DATE_TRUNC('day', timestamp '2011-02-03 04:05'))) + EXTRACT(year FROM AGE(DATE_TRUNC('day', "public"."flights"."sched"), DATE_TRUNC('day', timestamp '2011-02-03 04:05'))) * 12 AS integer) AS "months", CAST("public"."flights"."sched" AS DATE) - CAST(date '2011-02-03' AS DATE) AS "days", CAST(TRUNC(EXTRACT(epoch FROM "public"."flights"."sched") - EXTRACT(epoch FROM timestamp '2013-01-01')) AS integer) / 3600 AS "hours" FROM "public"."flights" ORDER BY 1 LIMIT 100

SELECT TIMEZONE('Asia/Kolkata', "public"."flights"."time_hour") AS "there", TIMEZONE('Asia/Kolkata', TIMEZONE('UTC', "public"."flights"."sched")) AS "from_utc" FROM "public"."flights" ORDER BY "public"."flights"."id" LIMIT 20

SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY "public"."flights"."fare") AS "median", PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY "public"."flights"."dep_delay") AS "p90" FROM "public"."flights"

SELECT TO_TIMESTAMP("public"."flights"."epoch_s") AS "at", DATE_TRUNC('week', TO_TIMESTAMP("public"."flights"."epoch_s")) AS "week" FROM "public"."flights" ORDER BY "public"."flights"."id" LIMIT 10

-- cumulative sums and offsets
SELECT DATE_TRUNC('month', "public"."flights"."time_hour") AS "month", SUM(SUM("public"."flights"."fare")) OVER (ORDER BY DATE_TRUNC('month', "public"."flights"."time_hour") ASC ROWS UNBOUNDED PRECEDING) AS "sum", SUM(COUNT(*)) OVER (ORDER BY DATE_TRUNC('month', "public"."flights"."time_hour") ASC ROWS UNBOUNDED PRECEDING) AS "count" FROM "public"."flights" GROUP BY DATE_TRUNC('month', "public"."flights"."time_hour") ORDER BY DATE_TRUNC('month', "public"."flights"."time_hour") ASC

SELECT "source"."m" AS "m", LAG("source"."n", 1) OVER (ORDER BY "source"."m" ASC) AS "before" FROM (SELECT DATE_TRUNC('month', "public"."flights"."time_hour") AS "m", COUNT(*) AS "n" FROM "public"."flights" GROUP BY 1) AS "source" ORDER BY 1

-- JSON, unfolded: the keys of the first rows, then each as a column
SELECT "public"."flights"."extra" AS "extra" FROM "public"."flights" WHERE "public"."flights"."extra" IS NOT NULL ORDER BY "public"."flights"."id" LIMIT 500

SELECT ("public"."flights"."extra"#>> array['gate']::text[])::text AS "extra → gate", COUNT(*) AS "count" FROM "public"."flights" GROUP BY "extra → gate" ORDER BY "extra → gate" ASC

SELECT SUM(("public"."flights"."extra"#>> array['load']::text[])::double precision) AS "sum", AVG((("public"."flights"."extra"#>> array['crew', '0']::text[])::bigint)) AS "avg" FROM "public"."flights"

-- a pivot with totals
SELECT "public"."flights"."origin" AS "origin", "public"."flights"."carrier" AS "carrier", COUNT(*) AS "count" FROM "public"."flights" GROUP BY GROUPING SETS (("public"."flights"."origin", "public"."flights"."carrier"), ("public"."flights"."origin"), ()) ORDER BY 1 NULLS LAST, 2 NULLS LAST

-- native questions with field filters, a segment, a sample
SELECT count(*) FROM flights WHERE "public"."flights"."time_hour" >= timestamp with time zone '2013-02-01 00:00:00.000Z' AND "public"."flights"."origin" IN ('EWR', 'JFK')

WITH per_day AS (SELECT date_trunc('day', time_hour)::date AS d, count(*) AS n FROM flights GROUP BY 1) SELECT d, n, avg(n) OVER (ORDER BY d ROWS 6 PRECEDING) AS week FROM per_day ORDER BY d LIMIT 60
