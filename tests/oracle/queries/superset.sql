SELECT site AS site, COUNT(*) AS count FROM (SELECT * FROM readings WHERE ts >= '2024-03-01' AND ts < '2024-04-01') AS virtual_table GROUP BY site ORDER BY count DESC, site LIMIT 10000

SELECT DATE_TRUNC('day', ts) AS __timestamp, AVG(temp) AS "AVG(temp)" FROM (SELECT ts, temp, site FROM readings) AS virtual_table WHERE site IN ('s1', 's2') GROUP BY DATE_TRUNC('day', ts) ORDER BY "AVG(temp)" DESC NULLS LAST, 1 LIMIT 20

SELECT DATE_TRUNC('week', ts) AS __timestamp, site AS site, sum(total) AS "SUM(total)" FROM readings JOIN (SELECT site AS site__, sum(total) AS mme_inner__ FROM readings GROUP BY site ORDER BY mme_inner__ DESC NULLS LAST, 1 LIMIT 3) AS series_limit ON site = site__ GROUP BY 1, site ORDER BY 1, 2

SELECT sum(x) AS "SUM(x)" FROM (SELECT price AS x, ok FROM readings WHERE status > 0) AS virtual_table WHERE ok = true

SELECT COUNT(*) AS rowcount FROM (SELECT site, device FROM readings GROUP BY site, device LIMIT 50000) AS rowcount_qry

SELECT site, device, max_temp FROM (SELECT site, device, max(temp) AS max_temp FROM readings GROUP BY site, device) AS virtual_table WHERE max_temp >= 40 ORDER BY site, device LIMIT 1000

SELECT virtual_table.model, count(DISTINCT virtual_table.site) FROM (SELECT r.site, d.model FROM readings r LEFT JOIN devices d USING (device)) AS virtual_table GROUP BY virtual_table.model ORDER BY 1

SELECT * FROM (SELECT site, ts, temp FROM readings WHERE temp > 40) AS virtual_table ORDER BY ts, site, temp LIMIT 100 OFFSET 3

SELECT CASE WHEN status = 0 THEN 'zero' WHEN status IS NULL THEN '<NULL>' ELSE 'other' END AS label, COUNT(*) AS count FROM (SELECT status FROM (SELECT * FROM readings WHERE ok) AS a WHERE temp > 0) AS virtual_table GROUP BY 1 ORDER BY 2 DESC, 1

SELECT count(*) AS n FROM (SELECT DISTINCT site, status, ok FROM readings) AS virtual_table WHERE ok

SELECT site, count(*) FROM (SELECT site, temp FROM readings UNION ALL SELECT model, device FROM devices) AS virtual_table GROUP BY site ORDER BY 2 DESC, 1 NULLS FIRST

SELECT min(ts) AS min_ts, max(ts) AS max_ts FROM (SELECT * FROM readings WHERE site = 'nowhere') AS virtual_table

WITH recent AS (SELECT * FROM readings WHERE ts >= '2024-03-20') SELECT site, avg(hum) FROM recent GROUP BY site ORDER BY 1

WITH a AS (SELECT site, avg(temp) t FROM readings GROUP BY site), b AS (SELECT site, count(*) n FROM readings GROUP BY site) SELECT a.site, a.t, b.n FROM a JOIN b ON a.site = b.site ORDER BY a.t DESC

SELECT TO_TIMESTAMP(EXTRACT(EPOCH FROM DATE_TRUNC('day', ts))) AS d, count(*) FROM readings WHERE day > '2024-04-01' GROUP BY d ORDER BY d

SELECT v.site, v.n FROM (SELECT site, count(*) n FROM (SELECT * FROM readings) i GROUP BY site) v WHERE v.site LIKE 's%' ORDER BY 1

SELECT avg(t) FROM (SELECT site, max(temp) AS t FROM readings GROUP BY site) AS virtual_table

SELECT count(*) FROM (SELECT site FROM readings WHERE temp > 20 ORDER BY temp DESC LIMIT 100) AS virtual_table
