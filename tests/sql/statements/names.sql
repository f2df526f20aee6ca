select nope from readings

select readings.nope from readings

select r.tmep from readings r

select tmep from readings

select x.temp from readings r

select readings.temp from readings r

select public.readings.temp from readings

select other.readings.temp from readings

select bind_x.public.readings.temp from readings r

select a.b.c.d.e from readings a

select device from readings, devices

select r.device from readings r, readings r

select * from readings r join devices r on true

select * from nothere

select * from nope.readings

select * from public.readings limit 1

select r.* from readings r, devices d

select d.*, r.site from readings r, devices d

select x.* from readings r

select *

select * from (select) x

select count(r), count(r.*), r is null from readings r group by r

select (r).temp from readings r

select (r).nope from readings r

select (r.temp).x from readings r

select (row(1,2)).f1

select (row(1,2)).f3

select ((1,2)).f2

select (r.*).temp from readings r

select (q).a from (select 1 as a) q

select (q).* from (select 1 as a, 'x' as b) q

select q.a.b from (select 1 as a) q

select temp(r) from readings r

select device as "Device", "Device" from devices

select "Device" from devices

select 1 as "a b", 2 as a, 3 "A"

select device d, d from devices

select device d from devices where d = 1

select device d from devices group by d having d = 1

select device d, count(*) from devices group by device order by d + 1

select device as model, model as device from devices order by model

select model as a, device as a from devices order by a

select device as a, device as a from devices order by a

select device from devices order by 2

select device from devices order by 0

select device from devices order by -1

select device from devices order by 1.5

select device from devices order by 'x'

select device from devices order by null

select device from devices order by true

select device from devices group by 1.5

select device from devices group by 2

select count(*) from devices group by 1

select rank() over () from devices group by 1

select sum(device) as model from devices group by model

select 1 as x, 2 as x order by x

select a from (values (1)) v(a, b)

select a from (values (1, 2)) v(a)

select a, column2 from (values (1, 2)) v(a)

select v from (values (1, 2)) v

select v.column1 from (values (1, 2)) v

select q.x from (select 1) q(x, y)

select q."?column?" from (select 1) q

select "case" from (select case when true then 1 end) q

select coalesce, nullif, "greatest" from (select coalesce(1,2), nullif(1,2), greatest(1,2)) q

select case when true then temp end, case when true then 1 else temp end, temp::int, (temp::int)::text, -temp, temp + 1, upper(note), (select max(temp) from readings), (select 1), exists (select 1), array[1], array(select 1), row(1), array[1,2][1], (array[1,2])[1:2], note collate "C", not ok, temp is null, temp between 1 and 2, temp in (1,2), temp = any(array[1]), case temp when 1 then 2 end, cast(1 as numeric(3,2)), interval '1 day', date '2024-01-01', current_date, current_timestamp(2), localtime, current_user, user, current_catalog, current_schema, session_user, extract(year from ts), substring(note from 1 for 2), position('a' in note), trim(note), trim(leading 'x' from note), overlay(note placing 'a' from 1), ts at time zone 'UTC', (date '2024-01-01', date '2024-01-02') overlaps (date '2024-01-01', date '2024-01-03'), count(*) over (), greatest(1,2), least(1,2), $1::int, (select 1 as z)::text, (values (1)), (table devices limit 0) is null from readings

select pg_catalog.upper('x'), pg_catalog.count(*) from devices

select nosuch.upper('x')

select nosuchschema.f(1)

select r.site from readings r where exists (select 1 from devices d where d.device = r.device and r.site = s.site)

select (select r.temp from devices limit 1) from readings r

select d.device from devices d, (select device from readings r where r.device = d.device) q

select d.device from devices d, lateral (select device from readings r where r.device = d.device) q

select * from devices d left join lateral (select d.device) q on true

select * from devices d right join lateral (select d.device) q on true

select * from devices d full join lateral (select d.device as x) q on true

select * from devices d, readings r join devices e on e.device = d.device

select * from devices d, lateral (select * from readings r join devices e on e.device = d.device) q

select * from (devices d join readings r on d.device = r.device) j

select d.device from (devices d join readings r on d.device = r.device) j

select j.model from (devices d join readings r on d.device = r.device) j

select j.device from (devices d join readings r on d.device = r.device) j

select j.device from (devices d join readings r using (device)) j

select j.* from (devices d join readings r using (device)) as j(a, b)

select u.device, u from devices d join readings r using (device) as u

select u.model from devices d join readings r using (device) as u

select * from devices join readings using (nope)

select * from devices join readings using (model)

select * from devices join readings using (device, device)

select * from devices a join devices b using (device) join devices c using (device)

select device, a.device, b.device from devices a full join devices b using (device)

select * from devices a join devices b using (device) join devices c using (model)

select * from devices natural join readings

select * from devices natural join (select 'x' as device) q

select * from devices a natural full join (select 1.5 as device) b

select device from devices a left join (select 1::bigint as device) b using (device)

select device from devices a right join (select 1::bigint as device) b using (device)

select device from devices a join (select 1::bigint as device) b using (device)

select device from devices cross join readings

select * from devices d(a, b, c, e)

select d.a, d.model from devices d(a)

select d.device from devices d(a)

select missing from devices d(a) limit 0 offset nope

select tableoid from (select 1) q

with x as (select 1) select * from y

with x as (select 1), x as (select 2) select * from x

with x(a, b) as (select 1) select * from x

with x(a) as (select 1, 2) select * from x

with x as (select 1 a) select * from x, x

with x as (select 1 a), y as (select a + 1 as b from x) select a, b from x, y

with y as (select a from x), x as (select 1 a) select * from y

with recursive y as (select a from x), x as (select 1 a) select * from y

with recursive x as (select a from y), y as (select a from x) select * from y

with recursive t as (select 1) select * from t

with recursive t as (select 1 union all select 2) select * from t

with recursive t(n) as (select 1 union all select n + 1 from t) select n from t limit 3

with recursive t(n) as (select 1 union all select n + 1.5 from t) select n from t

with recursive t(n) as (select n from t union all select 1) select * from t

with recursive t(n) as (select 1 union all select a.n from t a, t b) select * from t

with recursive t(n) as (select 1 intersect select n from t) select * from t

with recursive t(n) as (select 1 union all select n from t order by 1) select * from t

with recursive t(n) as (select 1 union all select sum(n) from t) select * from t

with recursive t(n) as (select 1 union all select n from readings left join t on true) select * from t

with recursive t(n) as (select 1 union all select 1 where exists (select 1 from t)) select * from t

with recursive t(n) as (select 'a' union all select n || 'b' from t) select * from t

with recursive t(n) as (select 1 union select n + 1 from t where n < 5) select n from t

with t as materialized (select 1 a) select * from t

with t as not materialized (select 1 a) select * from t, t u

with t as (select device from devices) select (select count(*) from t), (select max(device) from t)

-- fedgate: 25006
with t as (insert into devices values (1) returning *) select * from t

select * from hourly limit 1

select hourly.n from hourly

-- fedgate: ok
select h from hourly h

select site, hour, temp, n from hourly where n > 3

select * from (select * from hourly) q(a, b, c, d)

select system_user

select system_user from (values (1)) as v("system_user")
