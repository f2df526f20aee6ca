select site from readings union select model from devices order by 1

select site from readings where temp > 44 union all select site from readings where temp < -14 order by 1

select device from readings except select device from devices order by 1

select device from readings intersect select device from devices order by 1

select status, 'r' from readings where status is not null union select device, 'd' from devices where device < 4 order by 1, 2

select 1 union select 2.5 union select null order by 1

select 1 as a, 'x' as b union all select 2, null order by a

(select site, ts from readings order by ts, site limit 3) union all (select site, ts from readings order by ts desc, site limit 3) order by 2, 1

select count(*) from (select site, device from readings except all select 's1', 1) q

select site from (select site from readings union all select 'zz') q group by site order by 1

values (1, 'a'), (2, 'b'), (3, null) order by 1 desc

select * from (values (1, 'a'), (2, 'b')) v(n, t) where n > 1

select count(*) from (select ts from readings where site = 's1' union select ts from readings where site = 's2') q

select site, count(*) from readings group by site union all select 'all', count(*) from readings order by 2, 1

select 1 union select 'a'

select 1, 2 union select 3

select site, device, count(*) from readings group by grouping sets ((site), (device), ()) order by 1, 2, 3

select site, ok, count(*), grouping(site), grouping(ok) from readings group by rollup (site, ok) order by 4, 5, 1, 2

select site, status, sum(price) from readings group by cube (site, status) order by 1, 2, 3

select date_trunc('month', ts) m, site, count(*) from readings group by grouping sets ((1), (1, 2)) order by 1, 2

select site, count(*) from readings group by rollup (site) having grouping(site) = 1 or count(*) > 399 order by 1

select model, count(*) from devices group by model union all select null, count(*) from devices order by 2, 1
