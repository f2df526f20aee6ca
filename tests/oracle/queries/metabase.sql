SELECT COUNT(*) AS "count" FROM "public"."readings"

SELECT "public"."readings"."site" AS "site", COUNT(*) AS "count" FROM "public"."readings" GROUP BY "public"."readings"."site" ORDER BY "public"."readings"."site" ASC

SELECT CAST("public"."readings"."ts" AS date) AS "ts", AVG("public"."readings"."temp") AS "avg" FROM "public"."readings" WHERE "public"."readings"."ts" >= timestamp with time zone '2024-03-01 00:00:00.000Z' AND "public"."readings"."ts" < timestamp with time zone '2024-03-08 00:00:00.000Z' GROUP BY CAST("public"."readings"."ts" AS date) ORDER BY CAST("public"."readings"."ts" AS date) ASC

SELECT DATE_TRUNC('month', "public"."readings"."ts") AS "ts", "public"."readings"."site" AS "site", SUM("public"."readings"."price") AS "sum" FROM "public"."readings" GROUP BY DATE_TRUNC('month', "public"."readings"."ts"), "public"."readings"."site" ORDER BY DATE_TRUNC('month', "public"."readings"."ts") ASC, "public"."readings"."site" ASC

SELECT "source"."site" AS "site", "source"."avg" AS "avg" FROM (SELECT "public"."readings"."site" AS "site", AVG("public"."readings"."temp") AS "avg" FROM "public"."readings" GROUP BY "public"."readings"."site") AS "source" WHERE "source"."avg" > 14 ORDER BY "source"."site" LIMIT 1048575

SELECT "source"."bucket" AS "bucket", COUNT(*) AS "count" FROM (SELECT FLOOR(("public"."readings"."temp" / 10.0)) * 10.0 AS "bucket" FROM "public"."readings") AS "source" GROUP BY "source"."bucket" ORDER BY "source"."bucket" ASC

SELECT "public"."readings"."site" AS "site", "Devices"."model" AS "Devices__model", COUNT(*) AS "count" FROM "public"."readings" LEFT JOIN "public"."devices" AS "Devices" ON "public"."readings"."device" = "Devices"."device" GROUP BY "public"."readings"."site", "Devices"."model" ORDER BY "public"."readings"."site" ASC, "Devices"."model" ASC

SELECT COUNT(DISTINCT "public"."readings"."device") AS "count" FROM "public"."readings" WHERE (LOWER("public"."readings"."note") LIKE '%o%')

SELECT "public"."devices"."device" AS "device", "public"."devices"."model" AS "model", "public"."devices"."installed" AS "installed" FROM "public"."devices" ORDER BY "public"."devices"."device" ASC LIMIT 2000

SELECT SUM(CASE WHEN "public"."readings"."temp" > 20 THEN 1 ELSE 0.0 END) / CASE WHEN COUNT(*) = 0 THEN NULL ELSE COUNT(*) END AS "share" FROM "public"."readings"

SELECT SUM(CASE WHEN "source"."ok" = TRUE THEN 1 ELSE 0.0 END) AS "good" FROM (SELECT "public"."readings"."ok" AS "ok", "public"."readings"."site" AS "site" FROM "public"."readings") AS "source" WHERE ("source"."site" <> 's1' OR "source"."site" IS NULL)

SELECT CAST(extract(dow from "public"."readings"."ts") AS integer) + 1 AS "dow", COUNT(*) AS "count" FROM "public"."readings" GROUP BY CAST(extract(dow from "public"."readings"."ts") AS integer) + 1 ORDER BY CAST(extract(dow from "public"."readings"."ts") AS integer) + 1 ASC

SELECT CAST(extract(hour from "public"."readings"."ts") AS integer) AS "hour", MAX("public"."readings"."hum") AS "max" FROM "public"."readings" GROUP BY CAST(extract(hour from "public"."readings"."ts") AS integer) ORDER BY "hour"

SELECT (CAST(DATE_TRUNC('week', CAST("public"."readings"."ts" AS timestamp) + INTERVAL '1 day') AS timestamp) + INTERVAL '-1 day') AS "week", COUNT(*) AS "count" FROM "public"."readings" GROUP BY (CAST(DATE_TRUNC('week', CAST("public"."readings"."ts" AS timestamp) + INTERVAL '1 day') AS timestamp) + INTERVAL '-1 day') ORDER BY "week" ASC

SELECT "public"."readings"."site" AS "site" FROM "public"."readings" WHERE "public"."readings"."site" IS NOT NULL GROUP BY "public"."readings"."site" ORDER BY "public"."readings"."site" ASC LIMIT 5000

SELECT substring("public"."readings"."note", 1, 1234) AS "substring1" FROM "public"."readings" WHERE "public"."readings"."site" = 'p1' ORDER BY "public"."readings"."ts", 1 LIMIT 100

SELECT COUNT(*) AS "count", COUNT(CASE WHEN "public"."readings"."ok" THEN 1 END) AS "count_where" FROM "public"."readings"

SELECT "Q1"."site", "Q1"."n", "Q2"."n" FROM (SELECT site, count(*) n FROM readings WHERE ok GROUP BY site) AS "Q1" INNER JOIN (SELECT site, count(*) n FROM readings WHERE NOT ok GROUP BY site) AS "Q2" ON "Q1"."site" = "Q2"."site" ORDER BY 1

SELECT "source"."model", SUM("source"."n") FROM (SELECT d.model, r.site, count(*) AS n FROM readings r JOIN devices d ON d.device = r.device GROUP BY d.model, r.site) AS "source" GROUP BY "source"."model" ORDER BY "source"."model"

SELECT EXTRACT(year FROM "installed") AS "year", COUNT(*) FROM "public"."devices" GROUP BY 1 ORDER BY 1
