-- What generated queries found, made small.
select string_agg('a', ',' order by 'b') from readings where device = 1 and status = 2

select string_agg(distinct 'a', ','), json_agg(distinct 'a'::text), array_agg(distinct 1.5) from readings where device = 1

select string_agg(site, ',' order by site, 'x'::text, null) from readings where device = 1 and status = 2

select s.n, extract(second from r.ts) > s.n, extract(second from r.ts) = s.n, s.n between extract(epoch from r.ts) and s.n from (select sum(total) as n from readings) s, readings r where r.device = 1 and r.status = 2

select array_agg(distinct price), array_agg(distinct price order by price desc), array_agg(price order by price desc nulls last, ts) from readings where device = 1

select string_agg(distinct split_part('🙂', 'a', 1), '|'), string_agg(distinct split_part(note, 'k', 1), '|' order by split_part(note, 'k', 1) desc) from readings

select string_agg(distinct split_part(v.x, 'a', 1), '|') from (select '🙂' as x from readings) v

select site from readings group by site having percentile_disc(0.5) within group (order by device) > 5 and mode() within group (order by status) >= 0 and percentile_cont(0.5) within group (order by temp) > 14

select mode() within group (order by device) from readings having mode() within group (order by device) is null

select site from readings group by site having array_length(array_agg(distinct price * 1.000), 1) > 2 and length(string_agg(note, site order by ts)) > 2 and json_array_length(json_agg(distinct price)) > 2

select q.m from (select site, array_agg(distinct total / 7.0) as a, string_agg(site, site) as t, mode() within group (order by note) as m from readings where device < 3 group by site) q where q.a[1] < 0 and q.t is not null and q.m is not null

select (array_agg(ts order by ts desc nulls last) filter (where 'a'::text > 'b'))[1], (array_agg(ts order by ts desc nulls last) filter (where 'a'::bytea < 'b'))[1], (array_agg(ts order by ts) filter (where ok))[1] from readings

select site, (array_agg(temp order by ts desc) filter (where null::bool))[1] from readings group by site

select s, d, n, split_part(s, d, n) from (values ('a,b,c', ','), (',', ','), ('', ','), ('abc', ''), ('', ''), (null, ','), ('a', null), ('東,京', ',')) v(s, d), (values (1), (2), (-1), (-3), (9), (null)) w(n)

select site, device, split_part(note, 'a', 1) = 'x', 'a' < split_part(note, 'a', 1) from readings where (166, 'a') < (device, split_part(note, 'a', 1)) and status = 2

select site, count(*) from readings where '' <> coalesce(note, 'é') group by 1

select site, count(*) from readings where not (coalesce(note, 'é') = 'x') group by 1

select site, count(*) from readings where not (coalesce(note, 'é') in ('x', '')) or coalesce(note, 'é') <> all (array['x', '']) group by 1

select -(x - 9223372036854775807 - 1), ntile(3) over (order by x) from (select status::bigint * 0 as x from readings) q

select site, count(*) from readings where coalesce(coalesce(note, 'é'), 'q') = 'é' group by 1

select site, count(*) from readings where not (note = any ('{}'::text[])) group by 1

select x::text from (select 7.50 as x except select 7.5) q where x::text = '7.50'

select x from (select interval '3 day' as x except select interval '72 hours') q where extract(day from x) = 3

select id, row_number() over () as r, lag(id) over () from (select device as id from devices order by device desc) q order by r
