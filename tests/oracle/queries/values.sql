select count(*) from readings where note = 'it''s'

select count(*) from readings where note like 'fault%'

select count(*) from readings where note like '%\%'

select count(*) from readings where note like 'a\_b'

select count(*) from readings where note ilike 'ok'

select count(*) from readings where note ~ '^[A-Z]'

select count(*) from readings where note > 'a'

select count(*) from readings where upper(note) = 'OK'

select note, length(note), octet_length(note), upper(note), lower(note) from readings where note is not null group by note order by note

select left(note, 2) p, count(*) from readings group by 1 order by 1

select substring(note from 2 for 3) p, count(*) from readings group by 1 order by 1

select replace(note, 'a', '4') r, count(*) from readings group by 1 order by 1

select split_part(note, ' ', 1) p, count(*) from readings group by 1 order by 1

select concat(site, '-', device) c, count(*) from readings where device < 4 group by 1 order by 1

select site || '/' || status::text s, count(*) from readings group by 1 order by 1

select strpos(note, 'a'), position('o' in note), count(*) from readings group by 1, 2 order by 1, 2

select lpad(status::text, 3, '0') p, count(*) from readings group by 1 order by 1

select md5(site), count(*) from readings group by 1 order by 1

select reverse(site), initcap(note), count(*) from readings group by 1, 2 order by 1, 2

select trim(note) = note t, count(*) from readings group by 1 order by 1

select greatest(temp, hum), least(temp, hum) from readings where site = 's2' order by ts, 1, 2 limit 10

select nullif(status, 0) n, count(*) from readings group by 1 order by 1

select status / 2, status % 2, status * 1.5, count(*) from readings group by 1, 2, 3 order by 1, 2, 3

select total / 1000, count(*) from readings where total between 0 and 10000 group by 1 order by 1

select total::text, count(*) from readings where total > 2147483647 group by 1 order by 1

select sum(total), sum(total::float8) from readings where total = 9007199254740993

select price::numeric(8,1), count(*) from readings where price between 0 and 50 group by 1 order by 1 limit 10

select round(price), trunc(price), ceil(price), floor(price), sign(price) from readings where price is not null order by price, ts limit 10

select temp::int, round(temp), trunc(temp) from readings where temp is not null order by temp, ts limit 10

select sqrt(abs(temp)), power(temp, 2), exp(temp / 100) from readings where temp is not null order by temp, ts limit 5

select temp::numeric(6,2), temp::text from readings where temp is not null and site = 'd1' order by ts limit 10

select hum::float8, hum::text, hum * 2, hum + 1.5 from readings where hum is not null and site = 'p1' order by ts limit 8

select ok::text, ok::int, not ok, ok and status > 0, ok or temp is null, count(*) from readings group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5

select ok is true, ok is not false, ok is unknown, ok is distinct from true, count(*) from readings group by 1, 2, 3, 4 order by 5, 1, 2, 3, 4

select site, coalesce(temp, hum, -1) from readings where site = 's2' order by ts, 2 limit 10

select status::boolean, count(*) from readings group by 1 order by 1

select 7 / 2, -7 / 2, 7 % -2, 7.0 / 2, 2 ^ 10, 5 & 3, 5 | 3, 1 << 4, ~5

select 1.10 + 2.2, 1.10 * 2.200, 10::numeric / 3, 1e3::numeric, 0.1::float8 + 0.2::float8

select 'a' < 'B', 'é' > 'z', 'abc' = 'abc ', 'abc'::char(5) = 'abc'

select null = null, null <> 1, null is null, 1 is distinct from null, null and false, null or true

select cast('12.50' as numeric), '0x1F', '1e2'::float8, ' 42 '::int, 'yes'::boolean

select array[1, 2, 3], array['a', null], '{}'::int[], array[1, 2] || 3, 2 = any(array[1, 2])

select jsonb '{"b": 1, "a": [1, 2]}' -> 'a' ->> 1, jsonb_build_object('x', 1, 'y', null), to_jsonb('q'::text)

select pg_typeof(count(*)), pg_typeof(sum(total)), pg_typeof(avg(status)), pg_typeof(avg(temp)), pg_typeof(sum(hum)) from readings

select pg_typeof(date_trunc('day', ts)), pg_typeof(extract(epoch from ts)), pg_typeof(ts - ts), pg_typeof(day - day) from readings limit 1

select count(*) from readings where total = 9007199254740992

select count(*) from readings where temp = 'NaN'

select count(*) from readings where price = 1.5 or price > 999.9999

select md5(''), encode('abc'::bytea, 'hex'), '\x00ff'::bytea, ascii('é'), chr(233)

select format('%s is %s', site, count(*)) from readings group by site order by 1

select true, false, 't'::bool, 1::bool, 'off'::bool

select gen.x, gen.x * gen.x from generate_series(1, 5) as gen(x)

select string_to_array('a,b,,c', ','), array_to_string(array[1, null, 3], '-', '?'), cardinality(array[1, 2])

select abs(-5), mod(7, 3), div(7, 2), gcd(12, 18), factorial(5), pi()::numeric(8,6)

select not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not  true, not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not (status > 3) from readings where status is not null order by 2 limit 3

select upper(note collate "C"), count(*) from readings where note collate "C" ~* '\w' group by 1

select site, count(*) from readings where lower(site collate "C") like 'd%' or note collate "C" ilike '%É%' group by site

select initcap(m), max(m) from (select model collate "C" m from devices) q where m !~ '^[[:alpha:]]*$' group by 1
