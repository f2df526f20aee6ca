select sum(x) filter (where x > 1) over (partition by y order by z) from (values (1,2,3)) v(x,y,z)

select * from readings r left join devices d on r.device = d.device and d.model in (select model from devices)

select date_trunc('week', ts at time zone 'Europe/Berlin') as w, site, percentile_cont(0.95) within group (order by temp) p95 from readings where ts >= now() - interval '7 days' group by 1, 2

select site, (array_agg(temp order by ts desc))[1] as last from readings group by site

select jsonb_agg(jsonb_build_object('s', site, 'n', n) order by n desc) from (select site, count(*) n from readings group by 1) q

select * from readings where (site, device) in (values ('s1', 1), ('d1', 2))

select * from readings where ts > (select max(ts) - interval '1 day' from readings)

select r.*, lag(temp) over w as prev, temp - lag(temp) over w as delta from readings r window w as (partition by site order by ts)

select site, count(*) filter (where ok) * 100.0 / count(*) as pct from readings group by site having count(*) > 0 order by pct desc nulls last

select coalesce(d.model, 'none') as model, count(distinct r.site) from readings r left join devices d using (device) group by coalesce(d.model, 'none')

select coalesce(d.model, 'none') as model, count(*) from readings r left join devices d using (device) group by model

select extract(hour from ts) as h, avg(temp) from readings group by h order by h

select to_char(ts, 'YYYY-MM') as month, sum(price) from readings group by to_char(ts, 'YYYY-MM') order by month

select width_bucket(temp, -20, 50, 7) b, count(*) from readings group by b

select case when temp < 0 then 'cold' when temp < 20 then 'mild' else 'hot' end as k, count(*) from readings group by k order by min(temp)

select * from crosstab('select 1')

select t.relname, a.attname from pg_class t join pg_attribute a on a.attrelid = t.oid where t.relkind = 'r' and a.attnum > 0

select c.oid, c.relname, n.nspname, c.oid::regclass, pg_catalog.pg_get_userbyid(c.relowner) from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r','p','') and n.nspname !~ '^pg_toast' and pg_catalog.pg_table_is_visible(c.oid) order by 2

select typname, typnamespace::regnamespace, format_type(oid, typtypmod) from pg_type where oid = any('{23,25}'::oid[]) order by oid

select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (select pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) from pg_catalog.pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum and a.atthasdef), a.attnotnull from pg_catalog.pg_attribute a where a.attrelid = '1259' and a.attnum > 0 and not a.attisdropped order by a.attnum

select i.indkey[0], i.indkey, unnest(i.indkey) from pg_index i

select array_to_string(array(select t.typname from pg_type t where t.oid = any(p.proargtypes)), ',') from pg_proc p limit 1

select relname from pg_class where relname operator(pg_catalog.~) '^(t)$' collate pg_catalog.default

select relacl, relkind = 'r', relkind in ('r', 'v'), relkind || 'x', case relkind when 'r' then 1 end from pg_class

select oid = 'pg_class'::regclass, oid::regclass::text, relnamespace = 11 from pg_class

select generate_subscripts(indkey, 1) from pg_index

select 'a'::name = 'b'::text, relname like 'a%', relname || 'x', length(relname), upper(relname), relname = any(array['a','b']), relname in ('a','b'), relname = 'x'::varchar from pg_class

select * from pg_class c, lateral unnest(c.relacl) x

select nspname from pg_namespace where nspname not in ('a') and nspname !~ '^pg_' union select 'x'

select count(*) from readings where site ~ '^s' and note not similar to 'x%' and ts::date between '2024-01-01' and current_date

select ts, ts::timestamp(0), ts::time, ts::date + time '10:00', date_part('epoch', ts)::int / 60 * 60 from readings

select $1::text is null or site = $1 from readings

select * from readings where ts between $1 and $2 and ($3::text is null or site = $3) limit coalesce($4, 10)

select min(array[1,2]), max(array['a'])

select array_agg(array[1,2])

select array_agg(row(1,2))

select string_agg(x::text, '-' order by x desc) from generate_series(1,3) x

select x.*, y from generate_series(1,3) x cross join generate_series(1,x) y

select percentile_disc(array[0.1,0.9]) within group (order by site) from readings

select regr_slope(temp, hum), corr(temp, hum), covar_samp(temp, 1) from readings

select bool_or(ok) filter (where temp > 1), bit_xor(device), every(ok) from readings

select round(avg(temp)::numeric, 2), round(avg(price), 2), sum(total) / count(*), avg(device) + 0.5 from readings

select -temp ^ 2, temp % 2 from readings

select price % 2, 7 % price, total % 3, |/ temp, @ price, price ^ 2, 2 ^ device from readings

select greatest(ts, day), least(price, temp), coalesce(hum, temp), coalesce(status, device, total), nullif(status, device), case when ok then status else total end, case when ok then hum else price end from readings

select status + device, status + total, device + total, device * price, hum * price, temp + price, status / device, hum / device, total / temp, price / status from readings

select status = device, hum = temp, price = temp, price = device, total = temp, ts = day, note = site, ok = true, status between 1 and total, hum in (1, 2.5), price in (1, 2), temp in (1, null) from readings
