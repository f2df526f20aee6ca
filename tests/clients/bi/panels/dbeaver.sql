-- What DBeaver's data editor, its filters, its grouping and value panels send.
SELECT * FROM public.airlines ORDER BY carrier LIMIT 200

SELECT f.* FROM public.flights f ORDER BY f.id LIMIT 200 OFFSET 200

SELECT id, time_hour, day, sched, origin, dest, carrier, flight, dep_delay, "Seat Class", tags, extra, booking FROM public.flights ORDER BY id DESC LIMIT 50

SELECT count(*) FROM public.flights

SELECT count(*) FROM (SELECT * FROM public.flights WHERE origin = 'JFK') dbvrcnt

SELECT count(DISTINCT origin) FROM public.flights

SELECT * FROM public.flights WHERE origin = 'LGA' AND dep_delay > 100 ORDER BY dep_delay DESC, id ASC LIMIT 200

SELECT * FROM public.flights WHERE "Seat Class" IS NULL ORDER BY id LIMIT 5

SELECT * FROM public.airlines WHERE name LIKE '%Air%' OR name ILIKE '%jet%' ORDER BY 1

SELECT * FROM public.flights WHERE dest IN ('ORD', 'MIA') AND NOT cancelled ORDER BY id LIMIT 10

SELECT dest, COUNT(*) FROM public.flights GROUP BY dest ORDER BY COUNT(*) DESC, dest

SELECT origin, dest, COUNT(*), MAX(fare) FROM (SELECT * FROM public.flights WHERE fare > 100) src GROUP BY origin, dest ORDER BY 1, 2

SELECT DISTINCT "Seat Class" FROM public.flights WHERE "Seat Class" IS NOT NULL ORDER BY "Seat Class" LIMIT 200

SELECT carrier, name FROM public.airlines WHERE carrier ILIKE 'U%' ORDER BY carrier LIMIT 200

SELECT carrier, name FROM public.airlines WHERE carrier IN ('UA', 'B6') ORDER BY carrier

SELECT CAST(carrier AS varchar) AS key, name AS descr FROM public.airlines WHERE (CAST(carrier AS varchar) ILIKE '%a%' OR name ILIKE '%a%') ORDER BY 1

-- params: {'1': 7}
SELECT * FROM public.flights WHERE id = $1

-- params: {'1': 'EWR', '2': '2013-01-02 12:00:00+00'}
SELECT * FROM public.weather WHERE origin = $1 AND time_hour = $2

SELECT id, extra::text, tags::text, length(extra::text) FROM public.flights WHERE id BETWEEN 10 AND 20 ORDER BY id

SELECT "Rule Id", "Origin", "Valid From", "Min Fare", "% off" FROM public."Fare Rules" ORDER BY "Rule Id" LIMIT 200

SELECT min(dep_delay), max(dep_delay), avg(dep_delay), sum(dep_delay), count(dep_delay), count(*) FROM public.flights

SELECT * FROM public.daily ORDER BY at, origin LIMIT 20

SELECT 'fixed' AS a, 1 AS b, NULL AS c, 1.50 AS d, true AS e, now() IS NOT NULL AS f

SELECT tailnum, (SELECT max(time_hour) FROM public.flights g WHERE g.tailnum = f.tailnum) FROM public.flights f WHERE id < 10 ORDER BY id
