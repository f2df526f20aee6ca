-- WITH queries that are read more than once: what no reader wants need not be sent

with r as (select site, device, temp, ok from readings) select a.site, count(*) from r a join r b on b.device = a.device where a.site = 's1' and a.temp > 30 and b.site = 's2' and b.temp > 40 group by 1

with r as (select site, device, count(*) n, max(temp) m from readings group by 1, 2) select * from r where site = 's1' and n > 10 union all select * from r where site = 'd1' and m > 40

with r as (select site, device, count(*) n from readings group by 1, 2) select * from r where n > 48 union select * from r where n < 5

with r as (select site, temp from readings order by temp, site limit 5) select * from r where site = 's1' union all select * from r where site = 's2'

with r as (select site, device, row_number() over (partition by site order by ts, device, temp) k from readings) select * from r where site = 's1' and k = 1 union all select * from r where site = 'p1' and k = 2

with r as (select site, device, rank() over (order by ts) k from readings) select count(*) from r where site = 's1' and k < 100 union all select count(*) from r where site = 'p1' and k < 200

with r as (select distinct on (device) device, site, ts from readings order by device, ts desc, site) select * from r where device = 3 union all select * from r where device = 4

with r as (select distinct on (device) device, site, ts from readings order by device, ts desc, site) select * from r where site = 's1' union all select * from r where site = 'd1'

with r as (select site, device, temp from readings) select a.device, count(b.site) from r a left join r b on b.device = a.device and b.site = 'g1' and b.temp > 40 where a.site = 's1' and a.temp > 40 group by 1

with r as (select site, device, temp from readings) select a.device, count(b.site) from r a left join r b on b.device = a.device and a.site = 's1' where b.temp > 40 or b.temp is null group by 1

with r as (select site, device, temp from readings) select count(*) from r a full join r b on b.device = a.device and a.site = 's1' and b.site = 's2' where a.temp > 45 or b.temp > 45

with r as (select * from readings), s as (select site, device, temp from r where status = 1) select (select count(*) from s where site = 's1'), (select max(temp) from s where site = 's2'), (select count(*) from r where device = 3)

with r as materialized (select site, temp from readings) select count(*) from r where site = 's1' union all select count(*) from r where site = 's2'

with r as (select site, 100 / device as q from readings) select count(*) from r where site = 's1' and q > 10 union all select count(*) from r where site = 's2' and q > 20

with r as (select site as a, device from readings union all select model, device from devices) select * from r where a = 'A1' union all select * from r where a = 'c3' and device > 100

with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select count(*) from r where n > 2 union all select count(*) from r where n < 4

with r as (select site, device, temp from readings) select d.device, (select max(temp) from r where r.device = d.device and r.site = 's1'), (select min(temp) from r where r.device = d.device and r.site = 's2') from devices d

with r as (select site, note from readings) select count(*) from r where note = 'ok' and site = 's2' union all select count(*) from r where note is null and site in ('d1', 'p1') union all select count(*) from r where note like 'z%' or site = 'g1'

with r as (select site, sum(total) t from readings group by rollup (site)) select * from r where site = 's1' union all select * from r where site is null

with recursive r as (select 1.0::numeric as v union select case when v < 3 then v + 0.50 else v * 1.00 end from r) select v from r

with recursive r(x, n) as (select total, 1 from readings union select x * 1.0, n % 2 + 1 from r) select count(*), sum(n), count(distinct x), count(*) filter (where x is null) from r

with recursive r(a, j, c, l) as (select 1, '{"a": 1.0}'::jsonb, 'x'::char(3), array[1.0, null]::numeric[] union select a % 3 + 1, jsonb_build_object('a', 1.00), 'x '::char(3), array[1, null] from r) select r.*, d.device from r left join devices d on d.device = r.a

with recursive r(v, n) as (values (1.5::numeric, null::int), ('NaN', 2), (null, 2) union (select v, n from r union all select 1.50, null)) select v, n from r

with recursive t as (select 1 n union all select n + 1 from t) select d.device, q.n from devices d join (select n from t limit 5) q on q.n = d.device join (select n from t limit 3) r using (n) order by 1
