-- What Tableau's worksheets, filters and extracts send; FROM has doubled names, aggregates are cast, empty groups are cut by HAVING.
SELECT "flights"."origin" AS "origin", SUM(CAST("flights"."distance" AS BIGINT)) AS "sum:distance:ok" FROM "public"."flights" "flights" GROUP BY 1

SELECT "flights"."origin" AS "origin" FROM "public"."flights" "flights" GROUP BY 1 ORDER BY 1 ASC NULLS FIRST

SELECT COUNT(DISTINCT "flights"."origin") AS "ctd:origin:ok" FROM "public"."flights" "flights" HAVING (COUNT(1) > 0)

SELECT MIN("flights"."time_hour") AS "min", MAX("flights"."time_hour") AS "max", MIN("flights"."fare") AS "lo", MAX("flights"."fare") AS "hi" FROM "public"."flights" "flights" HAVING (COUNT(1) > 0)

SELECT CAST(DATE_TRUNC( 'MONTH', CAST("flights"."time_hour" AS TIMESTAMP) ) AS DATE) AS "tmn:time_hour:ok", AVG(CAST("flights"."dep_delay" AS DOUBLE PRECISION)) AS "avg:dep_delay:ok" FROM "public"."flights" "flights" GROUP BY 1 ORDER BY 1

SELECT CAST(DATE_TRUNC( 'QUARTER', CAST("flights"."day" AS DATE) ) AS DATE) AS "tqr:day:ok", SUM("flights"."fare") AS "sum:fare:ok" FROM "public"."flights" "flights" GROUP BY 1 ORDER BY 1

SELECT CAST(TRUNC(EXTRACT(YEAR FROM "flights"."time_hour")) AS INTEGER) AS "yr:time_hour:ok", CAST(TRUNC(EXTRACT(QUARTER FROM "flights"."time_hour")) AS INTEGER) AS "qr:time_hour:ok", COUNT(1) AS "n" FROM "public"."flights" "flights" GROUP BY 1, 2 ORDER BY 1, 2

SELECT (1 + CAST(EXTRACT(DOW FROM "flights"."time_hour") AS INTEGER)) AS "wd:time_hour:ok", COUNT(1) AS "n" FROM "public"."flights" "flights" GROUP BY 1 ORDER BY 1

SELECT CAST((DATE_TRUNC( 'DAY', CAST("flights"."time_hour" AS DATE) ) + (-EXTRACT(DOW FROM "flights"."time_hour") * INTERVAL '1 DAY')) AS DATE) AS "twk:time_hour:ok", COUNT(1) AS "n" FROM "public"."flights" "flights" GROUP BY 1 ORDER BY 1

SELECT CAST(CAST(TO_CHAR("flights"."time_hour",'IW') AS VARCHAR) AS BIGINT) AS "wk", COUNT(1) FROM "public"."flights" "flights" GROUP BY 1 ORDER BY 1

SELECT DATE_TRUNC( 'HOUR', CAST("flights"."sched" AS TIMESTAMP) ) AS "thr:sched:ok", SUM(1) AS "sum:Number of Records:ok" FROM "public"."flights" "flights" WHERE (("flights"."sched" >= TIMESTAMP '2013-02-01 00:00:00.000') AND ("flights"."sched" <= TIMESTAMP '2013-02-08 23:59:59.000')) GROUP BY 1 ORDER BY 1

SELECT "flights"."carrier" AS "carrier", AVG("flights"."air_time") AS "avg", STDDEV("flights"."distance") AS "std", VARIANCE("flights"."distance") AS "var" FROM "public"."flights" "flights" WHERE (("flights"."origin" IN ('EWR', 'JFK')) AND ((NOT ("flights"."carrier" IN ('ZZ'))) OR ("flights"."carrier" IS NULL))) GROUP BY 1 ORDER BY 1

SELECT "airlines"."name" AS "name", SUM("flights"."fare") AS "sum:fare:ok", SUM(SUM("flights"."fare")) OVER () AS "all" FROM "public"."flights" "flights" INNER JOIN "public"."airlines" "airlines" ON ("flights"."carrier" = "airlines"."carrier") GROUP BY 1 ORDER BY 2 DESC

SELECT "t0"."origin" AS "origin", "t0"."__measure__0" AS "per", COUNT(1) AS "n" FROM ( SELECT "flights"."origin" AS "origin", "flights"."carrier" AS "carrier", SUM("flights"."fare") AS "__measure__0" FROM "public"."flights" "flights" GROUP BY 1, 2 ) "t0" GROUP BY 1, 2 ORDER BY 2

-- a top N filter, its set and a context
SELECT "flights"."dest" AS "dest", SUM("flights"."fare") AS "s" FROM "public"."flights" "flights" INNER JOIN ( SELECT "flights"."dest" AS "dest", SUM("flights"."fare") AS "X__alias__0" FROM "public"."flights" "flights" GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 LIMIT 3 ) "t0" ON ("flights"."dest" IS NOT DISTINCT FROM "t0"."dest") GROUP BY 1 ORDER BY 1

SELECT "flights"."dest" AS "dest", SUM("flights"."distance") AS "s" FROM "public"."flights" "flights" INNER JOIN ( SELECT "flights"."dest" AS "dest", SUM("flights"."distance") AS "X__alias__0" FROM "public"."flights" "flights" WHERE "flights"."dest" IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3 ) "t0" ON ("flights"."dest" = "t0"."dest") GROUP BY 1 ORDER BY 1

-- level of detail: fixed by origin, joined back
SELECT "t1"."__measure__1" AS "lod", COUNT(1) AS "n" FROM "public"."flights" "flights" INNER JOIN ( SELECT "flights"."origin" AS "origin", MAX("flights"."dep_delay") AS "__measure__1" FROM "public"."flights" "flights" GROUP BY 1 ) "t1" ON (COALESCE("flights"."origin", '0') = COALESCE("t1"."origin", '0') AND COALESCE("flights"."origin", '1') = COALESCE("t1"."origin", '1')) GROUP BY 1 ORDER BY 1

-- calculated fields
SELECT (CASE WHEN ("flights"."dep_delay" > 15) THEN 'late' WHEN NOT ("flights"."dep_delay" > 15) THEN 'on time' ELSE NULL END) AS "Calculation_1", COUNT(1) AS "n" FROM "public"."flights" "flights" GROUP BY 1 ORDER BY 1

SELECT (CASE WHEN SUM("flights"."distance") = 0 THEN NULL ELSE CAST(SUM("flights"."fare") AS DOUBLE PRECISION) / CAST(SUM("flights"."distance") AS DOUBLE PRECISION) END) AS "usr:Calculation_2:ok" FROM "public"."flights" "flights" HAVING (COUNT(1) > 0)

SELECT "flights"."id", (CASE WHEN 2 >= 0 THEN SUBSTR("flights"."tailnum", 1, CAST(2 AS INTEGER)) ELSE NULL END) AS "left", STRPOS("flights"."tailnum", '1') AS "find", ASCII("flights"."origin") AS "ascii", CHR(65) AS "char", ("flights"."origin" || '-' || "flights"."dest") AS "pair", LENGTH("flights"."Seat Class") AS "len", SPLIT_PART("flights"."Seat Class", '/', 1) AS "split", REGEXP_REPLACE("flights"."tailnum", '[0-9]{2}$', 'xx', 'g') AS "re" FROM "public"."flights" "flights" WHERE "flights"."id" < 40 ORDER BY 1

SELECT "flights"."id", CAST("flights"."dep_delay" AS TEXT) AS "str", CAST(TRUNC(CAST("flights"."fare" AS NUMERIC)) AS BIGINT) AS "int", CAST("flights"."flight" AS DOUBLE PRECISION) AS "float", CAST("flights"."time_hour" AS DATE) AS "date", ROUND(CAST("flights"."fare" AS NUMERIC), 1) AS "round", SIGN("flights"."dep_delay") AS "sign", POWER(CAST("flights"."flight" AS DOUBLE PRECISION), 2) AS "pow", (CASE WHEN "flights"."flight" < 0 THEN NULL ELSE SQRT("flights"."flight") END) AS "sqrt", GREATEST("flights"."dep_delay", "flights"."arr_delay") AS "max" FROM "public"."flights" "flights" WHERE "flights"."id" < 40 ORDER BY 1

SELECT "flights"."id", ("flights"."time_hour" + 3 * INTERVAL '1 DAY') AS "plus", ("flights"."sched" + 2 * INTERVAL '1 MONTH') AS "months", (CAST("flights"."day" AS DATE) - DATE '2013-01-01') AS "days", CAST(TRUNC((EXTRACT(EPOCH FROM (CAST("flights"."time_hour" AS TIMESTAMP) - CAST("flights"."sched" AS TIMESTAMP))) / 3600)) AS BIGINT) AS "hours", TO_CHAR("flights"."sched", 'FMMonth') AS "name", TO_CHAR("flights"."sched", 'FMDay') AS "weekday", MAKE_DATE(2013, 2, 3) AS "made" FROM "public"."flights" "flights" WHERE "flights"."id" < 40 ORDER BY 1

SELECT CAST(FLOOR("flights"."fare" / 100.0) AS BIGINT) AS "bin", COUNT(1) FROM "public"."flights" "flights" GROUP BY 1 ORDER BY 1

-- dates that move with today
SELECT COUNT(1) FROM "public"."flights" "flights" WHERE (("flights"."time_hour" >= (DATE_TRUNC( 'YEAR', CAST(TIMESTAMP '2013-08-01' AS DATE) ) + (0 * INTERVAL '12 MONTH'))) AND ("flights"."time_hour" < (DATE_TRUNC( 'YEAR', CAST(TIMESTAMP '2013-08-01' AS DATE) ) + (1 * INTERVAL '12 MONTH'))))

SELECT COUNT(1) FROM "public"."flights" "flights" WHERE CAST("flights"."time_hour" AS DATE) < CURRENT_DATE AND "flights"."sched" < (CURRENT_TIMESTAMP AT TIME ZONE 'UTC')

-- custom SQL, its columns first
SELECT * FROM ( select origin, count(*) as n from flights group by origin ) "Custom SQL Query" LIMIT 0

SELECT "Custom SQL Query"."origin" AS "origin", SUM("Custom SQL Query"."n") AS "sum:n:ok" FROM ( select origin, carrier, count(*) as n from flights group by origin, carrier ) "Custom SQL Query" GROUP BY 1 ORDER BY 1

-- an extract, and the count before it
SELECT COUNT(1) AS "COL" FROM "public"."weather" "weather"

SELECT "weather"."humid" AS "humid", "weather"."origin" AS "origin", "weather"."temp" AS "temp", "weather"."time_hour" AS "time_hour", "weather"."Wind Speed" AS "Wind Speed", "weather"."precip" AS "precip" FROM "public"."weather" "weather"

SELECT "Fare Rules"."% off" AS "% off", "Fare Rules"."Origin" AS "Origin", "Fare Rules"."Rule Id" AS "Rule Id" FROM "public"."Fare Rules" "Fare Rules" ORDER BY 3

-- a union, a cross of domains, a missing join
SELECT "t"."a", COUNT(1) FROM ( SELECT "origin" AS "a" FROM "public"."flights" UNION ALL SELECT "Origin" FROM "public"."Fare Rules" ) "t" GROUP BY 1 ORDER BY 1

SELECT "a"."origin", "b"."carrier", COUNT("f"."id") AS "n" FROM (SELECT DISTINCT "origin" FROM "public"."flights") "a" CROSS JOIN (SELECT "carrier" FROM "public"."airlines") "b" LEFT JOIN "public"."flights" "f" ON "f"."origin" = "a"."origin" AND "f"."carrier" = "b"."carrier" GROUP BY 1, 2 ORDER BY 1, 2

SELECT "airlines"."name" FROM "public"."airlines" "airlines" LEFT JOIN "public"."flights" "flights" ON ("airlines"."carrier" = "flights"."carrier") WHERE "flights"."id" IS NULL
