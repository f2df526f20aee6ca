-- Rows as columns of derived tables, WITH queries, set operations, DISTINCT, GROUP BY and ORDER BY.

select r from readings r where r.temp > 47.4

select s.r from (select r, temp from readings r) s where s.temp > 47.4

select (s.r).site, (s.r).temp from (select r from readings r) s where (s.r).temp > 47.4

select (s.r).* from (select r from readings r where temp > 47.4) s

with w as (select r, site from readings r) select site, (r).temp from w where (r).temp > 47

with w as (select r, site from readings r) select a.site, (b.r).temp from w a join w b on a.r = b.r where (b.r).temp > 47

select distinct (site, qual) from readings

select distinct row(site, qual) from readings order by row(site, qual)

select (site, qual) from readings union select (site, qual) from readings

select (site, qual), 1 from readings union all select (site, null::int), 2 from readings where temp > 47

select (site, qual) as p from readings union select (site, null::int) from readings order by p desc limit 4

select (a, b) from (values (1, 2), (null, 2), (1, null), (null, null)) v(a, b) order by (a, b)

select (a, b) from (values (1, 2), (null, 2), (1, null), (null, null)) v(a, b) order by (a, b) desc nulls last

select a from (values (1, 2), (null, 2), (1, null), (null, null)) v(a, b) order by (a, b) desc, a

select v from (values (1, 2), (null, 2), (1, null)) v(a, b) order by v

select r from readings r order by r limit 3

select (site, qual), count(*) from readings group by (site, qual)

select row(site, qual), count(*) from readings group by row(site, qual) order by 1

select r, count(*) from readings r group by r order by r limit 3

select v, count(*) from (values (1, 'a'), (1, 'a'), (2, 'b')) v(a, b) group by v

select x.p, (y.p).f1 from (values (1, 2), (3, null)) v(a, b) cross join lateral (select (a, b) as p) x left join (select (1, 2) as p) y on x.p = y.p

select y.p is null, y.p is not null, (y.p).f1 from (values (1), (2)) v(a) left join (select 1 as k, (1, null) as p) y on y.k = v.a

select count(s), count(s.r), count(*) from (select r from readings r) s

select count(r) from (values (1, 2), (null, null)) r(a, b)

select (1, 2) = (select 1, 2), (1, 2) = (select 1, 3), (1, 2) < (select 1, 3), (1, 2) = (select 1, null::int), (1, 2) = (select 1, 2 where false)

select (1, 2) = (select a, b from (values (1, 2), (3, 4)) v(a, b))

select (1, 2) = (select 1)

select (1, 2) = (select 1, 2, 3)

select site, temp from readings r where (site, temp) = (select site, max(temp) from readings group by site order by 2 desc nulls last, 1 limit 1)

select site, temp from readings r where (site, temp) >= (select site, temp from readings where temp is not null order by site desc, temp desc limit 1)

select site, temp from readings where (site, temp) in (select site, max(temp) from readings group by site)

select site, temp from readings where (site, qual) not in (select site, qual from readings where temp > 0) and temp < -10

select (select r from readings r where temp > 47.4 order by temp limit 1)

select (select (site, temp) from readings r where temp > 47.4 order by temp limit 1)

select ((select r from readings r where temp > 47.4 order by temp limit 1)).site

select v.a from (values ((1, 'x')), ((2, 'y'))) v(a)

select r.site from (select (site, temp) as r from readings) s

select ((1, 2), 3), ((r, 1), 'x') from (select 1 as a) r

select h from hourly h order by h limit 3

select (h).site, (h).n from (select h from hourly h) s order by 1, 2 limit 3

select row(1, 2) = row(1, null), row(null, 1) is null, row(null, null) is null, row(1, null) is not null

select a = b, a <> b, a <> a from (select (1, null::int), 2) v(a) cross join (select (1, null::int)) w(b)

select distinct tableoid > 0 from readings
