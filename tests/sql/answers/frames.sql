-- RANGE with distances: numerics of no known scale or of many digits, NaN and infinities as keys and distances, floats, times
select x, count(*) over (order by x range between 1 preceding and 1.5 following), sum(x) over (order by x desc range between 0.5 preceding and 100 following exclude group) from (values (1.5), (2), (null), (3.25), (1000000000000000000000), (-7.125)) v(x)
select s, count(*) over (order by s range between 100 preceding and 50 following) from (select device, sum(total) s from readings group by device) q
select device, sum(total) s, count(*) over (order by sum(total) range between 1000 preceding and current row exclude ties) from readings group by device
select a, count(*) over (order by a range between 0.5 preceding and 0.25 preceding), min(a) over (order by a desc nulls last range between 0.3 following and 0.999999999999999999999999999999 following) from (select avg(price) a from readings group by device) q
select x, count(*) over (order by x range between 'Infinity'::numeric preceding and 1 following), count(*) over (order by x desc range between 'Infinity'::numeric preceding and 'Infinity'::numeric preceding), count(*) over (order by x range between 2 following and 'Infinity'::numeric following), count(*) over (order by x desc range between 'Infinity'::numeric following and 'Infinity'::numeric following), count(*) over (order by x range between 'Infinity'::numeric preceding and 'Infinity'::numeric preceding) from (values ('NaN'::numeric), ('Infinity'), ('-Infinity'), (0), (1.5), (null), (-3), ('NaN'), (7)) v(x)
select x, count(*) over (order by x desc nulls last range between 'Infinity'::numeric preceding and current row), count(*) over (order by x range between current row and 'Infinity'::numeric following),  count(*) over (order by x range between 'Infinity'::numeric following and unbounded following), count(*) over (order by x desc range between unbounded preceding and 'Infinity'::numeric preceding), count(*) over (order by x desc range between unbounded preceding and 'Infinity'::numeric following) from (values ('NaN'::numeric), ('Infinity'), ('-Infinity'), (0), (1.5), (null), (-3), ('NaN'), (7)) v(x)
select count(*) over (order by x range 'NaN'::numeric preceding) from (values (1.5), (2)) v(x)
select count(*) over (order by x range -1 preceding) from (values (1.5), (2)) v(x)
select count(*) over (order by x range '-Infinity'::numeric preceding) from (values (1.5), (2)) v(x)
select count(*) over (order by x range null preceding) from (values (1.5), (2)) v(x)
select count(*) over (order by x range (select null::numeric) preceding) from (values (1.5), (2)) v(x)
select count(*) over (order by x range (select 0.5) preceding) from (values (1.5), (2)) v(x)
select price, count(*) over (order by price range 1e37 preceding), count(*) over (order by price range 'NaN'::numeric preceding) from readings
select price, count(*) over (order by price range 1e37 preceding), count(*) over (order by price range between 1e30 preceding and 10000000000000000000000000000000000000.25 following) from readings
select x, count(*) over (partition by x > 2 order by x * 2 range between 1 preceding and 1.5 following), count(*) over (order by x / 3 range 1 preceding) from (values (1.5), (2), (null), (3.25), (-7.125)) v(x)
select x::numeric(38,2), count(*) over (order by x::numeric(38,2) range between 1 preceding and 1.5 following) from (values (1.5), (2), (null), (3.25), (-7.125)) v(x)
select x::numeric(38,2), count(*) over (order by x::numeric(38,2) range between (select 1) preceding and 1.55555 following) from (values (1.5), (2), (null), (3.25), (-7.125)) v(x)
select x, y, count(*) over (order by x range between 1 preceding and 1.5 following), sum(y) over (order by y range between 0.001 preceding and 2 following) from (values (1.5, 0.001), (2, 1e20), (null, 7), (3.25, -1), (-7.125, 0.00200)) v(x, y)
select x, count(*) over (order by x range 0.5 preceding), (select count(*) from devices d where d.device < v.x) from (values (1.5), (2), (null), (3.25)) v(x)
select count(*) over (order by x range 0.5 preceding) from (select 1.5 x where false union all select 2 where false) q
select count(*) over (order by x range -0.5 preceding) from (select 1.5 x where false union all select 2 where false) q
select count(*) over (order by x range 0.5 preceding) from (select null::numeric x union all select null) q
select s, count(*) over w, array_agg(s) over w from (select sum(device::bigint) s from readings group by site) q window w as (order by s range between 1 preceding and 5 following)
select x, count(*) over (order by x desc range between 0.5 preceding and -0.5 following) from (values (1.5), (2), (null), (3.25)) v(x)
select x, count(*) over (order by x range between 2 preceding and 1 preceding), count(*) over (order by x range between 1 preceding and 2 preceding), count(*) over (order by x range between 1 following and 2 following), count(*) over (order by x range between 1e50 following and 1e60 following), count(*) over (order by x range between 1e60 preceding and 1e-60 preceding) from (values (1.5), (2), (null), (3.25), (3.25), (2.25), (4.25)) v(x)
select price, count(*) over (order by price range 'NaN'::numeric preceding) from readings where false
select price, count(*) over (order by price range (select 'NaN'::numeric) preceding) from readings
select price, count(*) over (order by price range (select 1e37::numeric) preceding) from readings
select x, count(*) over (order by x range between 'Infinity' preceding and 1 following), count(*) over (order by x desc range between 'Infinity' preceding and 'Infinity' preceding), count(*) over (order by x range between 2 following and 'Infinity' following), count(*) over (order by x desc range between 'Infinity' following and 'Infinity' following), count(*) over (order by x range between 'Infinity' preceding and 'Infinity' preceding) from (values ('NaN'::float8), ('Infinity'), ('-Infinity'), (0), (1.5), (null), (-3), ('NaN'), (7), (-0.0)) v(x)
select x, count(*) over (order by x desc nulls last range between 'Infinity' preceding and current row), count(*) over (order by x range between current row and 'Infinity' following),  count(*) over (order by x range between 'Infinity' following and unbounded following), count(*) over (order by x desc range between unbounded preceding and 'Infinity' preceding), count(*) over (order by x desc range between unbounded preceding and 'Infinity' following) from (values ('NaN'::float4), ('Infinity'), ('-Infinity'), (0), (1.5), (null), (-3), ('NaN'), (7)) v(x)
select x, count(*) over (order by x range between (select 2.5::float8) preceding and 1 following exclude ties), count(*) over (order by x desc range between (select 'Infinity'::float8) preceding and 'Infinity' preceding) from (values ('NaN'::float8), ('Infinity'), ('-Infinity'), (0), (1.5), (null), (-3), ('NaN'), (7), (-0.0), (1e308), (-1.7e308)) v(x)
select x, count(*) over (order by x range between 1e308 preceding and 1.7e308 following exclude ties) from (values ('NaN'::float8), ('Infinity'), ('-Infinity'), (0), (1.5), (null), (-3), ('NaN'), (7), (-0.0), (1e308), (-1.7e308)) v(x)
select count(*) over (order by x range 'NaN' preceding) from (values (1.5::float8), (2)) v(x)
select count(*) over (order by x range -1 preceding) from (values (1.5::float8), (2)) v(x)
select count(*) over (order by x range -1 preceding) from (values (1.5::float4), (2)) v(x)
select count(*) over (order by x range 'NaN' preceding) from (values (1.5::float8), (2)) v(x) where x > 5
select count(*) over (order by x range 1 preceding) from (values ('Infinity'::float8), ('NaN')) v(x)
select count(*) over (order by x range -1 preceding) from (values ('Infinity'::float8), ('NaN')) v(x)
select count(*) over (order by x range -1 preceding) from (values ('NaN'::float8), ('NaN')) v(x)
select count(*) over (order by x range -1 preceding) from (values (null::float8)) v(x)
select count(*) over (order by x range null preceding) from (values (1.5::float8), (2)) v(x)
select count(*) over (order by x range (select null::float8) preceding) from (values (1.5::float8), (2)) v(x)
select x, count(*) over (order by x range 0.1 preceding), count(*) over (order by x range between 0.2 following and 0.3 following) from (values (0.1::float4), (0.2), (0.3), (0), (0.5)) v(x)
select x, count(*) over (order by x range (select 0.1) preceding), count(*) over (order by x range between (select 0.2) following and 0.3 following) from (values (0.1::float4), (0.2), (0.3), (0), (0.5)) v(x)
select temp, count(*) over (partition by device order by temp range 'Infinity' preceding), sum(device) over (order by temp * 2 range between '-0' preceding and 'inf' following) from readings
select device, count(*) over (order by avg(temp) range between 'inf' preceding and 3 following) from readings group by device
select x, count(*) over (order by x range between interval '1 day' preceding and interval '1 day' following) from (values ('infinity'::timestamp), ('-infinity'), ('2024-01-01'), ('2024-01-02 00:00:00'), (null)) v(x)
select x, count(*) over (order by x desc range between interval '1 month' preceding and interval '1 day' following) from (values ('infinity'::timestamptz), ('-infinity'), ('2024-01-31'), ('2024-02-29 00:00:00'), (null)) v(x)
select x, count(*) over (order by x range between interval '1 day' preceding and interval '1 day' following) from (values ('infinity'::date), ('-infinity'), ('2024-01-01'), ('2024-01-02'), (null)) v(x)
select x, count(*) over (order by x range between interval '-1 day' preceding and interval '1 day' following) from (values ('2024-01-01'::date), ('2024-01-02'), (null)) v(x)
select x, count(*) over (order by x range between interval '1 hour' preceding and interval '1 hour' following) from (values ('00:30'::time), ('23:30'), ('01:00'), (null)) v(x)
select x, count(*) over (order by x range between interval '2 days 1 hour' preceding and interval '1 day' following) from (values ('00:30'::time), ('23:30'), ('01:00'), (null)) v(x)
select x, count(*) over (order by x range between interval '1 hour' preceding and interval '1 hour' following) from (values ('1 day'::interval), ('24 hours'), ('1 month'), ('30 days 1 hour'), (null)) v(x)
select x, count(*) over (order by x range between (select interval '1 hour') preceding and interval '1000000 years' following) from (values ('2024-01-01'::timestamp), ('2024-01-02'), (null)) v(x)
select x, count(*) over (order by x range between interval '1 day -1 hour' preceding and interval '1 day' following) from (values ('00:30'::time), ('23:30'), ('01:00'), (null)) v(x)
select x, count(*) over (order by x desc range between interval '-1 day +1 hour' preceding and (select interval '23:30:00.5') following) from (values ('00:30'::time), ('23:30'), ('01:00'), ('00:59:59.999999'), (null)) v(x)
select x, count(*) over (order by x range between interval '30 hour 29 minutes' preceding and interval '-1 year' following) from (values ('00:30'::time), ('23:30'), ('01:00'), (null)) v(x)
