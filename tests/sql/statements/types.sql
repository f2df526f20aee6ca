select 1, 1.5, 1e3, 99999999999, 99999999999999999999, -1, -2147483648, -2147483649, .5, 5., 1e-3, 'x', null, true

select 1 + 1, 1 + 1.5, 1 + 1e0, 1 + 1::bigint, 1::smallint + 1::smallint, 1::real + 1, 1::real + 1::real, 1.5 + 1::real, 1.5 + 1::float8, 1::real + 1::bigint, 1::oid + 1

select 'a' + 1

select 'a' + 'b'

select '1' + '2'

select 1 || 2

select 1 || 'a', 'a' || 'b', 'a'::varchar || 'b'::varchar, 'a'::char(3) || 'b', 'a' || 1.5, null || 'a', null || null

select true + 1

select 1 = true

select 1 = '1', 1 = 1.0, 1 = 1::bigint, 'a' = 'b', 'a'::text = 'b'::varchar, 'a'::char(3) = 'b'::text, 'a'::name = 'b', date '2024-01-01' = '2024-01-01', date '2024-01-01' = timestamp '2024-01-01', 1::real = 1.5

select '2024-01-01' > date '2023-01-01', now() > '2024-01-01', now() - '1 day', now() - '1 day'::interval, now() + '1 day', '1 day' + now(), date '2024-01-01' + 1, 1 + date '2024-01-01', date '2024-01-01' - '2023-01-01', date '2024-01-01' + '1 day', date '2024-01-01' - interval '1 day', time '10:00' + date '2024-01-01', interval '1 day' * 2, 2 * interval '1 day', interval '1 day' / 2, -interval '1 day'

select now() + 1

select now() + now()

select date '2024-01-01' * 2

select ts - ts, ts - day, day - day, ts::date - day, ts - interval '1 h', ts < day, day < ts, day = ts::date from readings

select 1::nosuch

select 1::int4(3)

select 'x'::numeric

select '1.5'::int

select '99999999999'::int

select 'x'::bool

select 't'::bool, 'yes'::bool, 'on'::bool, '0'::bool

select 1::bool, 0::bool, true::int

select 1.5::bool

select true::bigint

select 1::text, true::text, now()::text, 1.5::varchar, 'abc'::char, 'abc'::"char", 'abc'::char(2), 'abc'::varchar(2), 'abc'::text::char(2), 'abc'::bpchar, 'abc'::character varying

select 123.456::numeric(5,1), '123.456'::numeric(5,1), 1::numeric(3,0), 1::numeric(1000, 500), 123::numeric(3, -2), 1.5::numeric(3,2)::numeric

select 1::numeric(0)

select 1::numeric(1001)

select 1::numeric(3, 2000)

select 1::numeric(1,2,3)

select 'a'::varchar(0)

select 'a'::char(10485761)

select now()::timestamp(3), now()::timestamptz(0), now()::time(2), now()::timestamp(9), interval '1 day'::interval(3), now()::date

-- fedgate: 0A000
select now()::time with time zone

select interval '1' year, interval '1-2' year to month, interval '1 2:03:04' day to second, interval '1.23456' second(2), interval(3) '1.23456 s', '1 day'::interval day, interval '90' minute

select interval 'nope'

select date 'nope', 1

select timestamp '2024-02-30'

select time '25:00'

select '1 day'::interval hour to minute

-- fedgate: 0A000
select b'101'

-- fedgate: 0A000
select x'1F'

-- fedgate: 0A000
select 'x'::bit(3)

-- fedgate: 0A000
select '(1,2)'::point

-- fedgate: 0A000
select '<a/>'::xml

-- fedgate: 0A000
select 'a'::tsvector

-- fedgate: 0A000
select '[1,2]'::int4range

-- fedgate: 0A000
select '1.2.3.4'::inet

select '\x00ff'::bytea, 'abc'::bytea, e'\\001'::bytea

select '\xzz'::bytea

select 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid

select 'a0eebc99'::uuid

select '{"a":1}'::json, '{"a":1}'::jsonb, '[1,2]'::json -> 0, '{"a":{"b":1}}'::jsonb #>> '{a,b}', '{"a":1}'::jsonb @> '{"a":1}', '{"a":1}'::jsonb - 'a', '{"a":1}'::jsonb || '{"b":2}', ('{"a":1}'::jsonb)['a']

select '{a'::json

select '{"a":1}'::json = '{"a":1}'::json

select '{"a":1}'::jsonb = '{"a":1}'

select '{1,2,3}'::int[], array[1,2,3], array[1,2.5], array['a', 'b'], array[1, null], array[null], array[]::int[], array[1,2]::text[], array['1','2']::int[], '{a,b}'::text[], array[now()], array[1::bigint, 2]

select array[]

select array[1, 'x']

select array[1, true]

-- fedgate: 0A000
select array[array[1]]

select array[1,2] || 3, 3 || array[1], array[1] || array[2], array[1,2] || '{3}', array['a'] || 'b', null || array[1], array[1] || null

select array[1,2] || 'x'

select (array[1,2])[1], (array[1,2])[1:1], (array[1,2])[:], (array[1,2])['1'], (array[1,2])[1.5]

select (1)[1]

select ('a')[1]

select 1 = any(array[1,2]), 1 = any('{1,2}'), 1.5 = any(array[1,2]), 'a' = any(array['a','b']), 1 < all(array[1]), 1 = any(null)

select 1 = any(1)

select 'x' = any(array[1])

select 1 + any(array[1])

select 1 in (1, 2), 1 in (1.5, 2), 1 in ('1', 2), 'a' in ('a', 'b'), null in (1, 2), 1 in (null, 2), (1, 2) in ((1, 2), (3, 4)), 1 not in (1, 2), 1 in (1), 'a'::char(2) in ('a', 'b'), 'a'::varchar in ('a', 'b')

select 1 in ('x', 2)

select device in (1, device + 1, 3), device in (device) from devices

select device in ('x') from devices

select device in (1, 'x') from devices

select 1 in (true, false)

select coalesce(1, 2.5), coalesce(null, 'a'), coalesce('a', 'b'::varchar), coalesce(null, null), coalesce('1', 2), coalesce(1::smallint, 2::bigint), coalesce(date '2024-01-01', now()), coalesce('a'::varchar(3), 'b'::varchar(3)), coalesce('a'::varchar(3), 'b'::varchar(4)), coalesce(1::numeric(5,2), 2::numeric(5,2))

select coalesce(1, true)

select coalesce(1, 'x')

select case when true then 1 else 'x' end

select case when true then 'x' else 'y' end, case when true then null end, case when true then 1 when false then 2.5 end, case 1 when 1 then 'a' when 2.5 then 'b' end, case 'a' when 'a' then 1 end, case null when 1 then 1 end

select case 1 when 'x' then 1 end

select case when 1 then 2 end

select case when 't' then 2 end

select greatest(1, 2.5), least('a', 'b'), greatest(1, '2'), greatest(now(), '2024-01-01'), least(null, 1)

select greatest(1, 'x')

select nullif(1, 2), nullif('a', 'b'), nullif(1, 2.5), nullif(1.5, 2), nullif(null, 1), nullif(1::numeric(5,2), 2)

select nullif(1, 'x')

select row(1, 2), row(), (1, 'a'), row(1, 2) = row(1, 2), (1, 2) < (1, 3), (1, 'a') = (1, 'b'), row(1, null) is null, (1, 2) is distinct from (1, 3), row(1) = row(1)

select row(1, 2) = row(1)

select row(1, 2) = 1

select (1, 2) = (1, 'x')

select (1, 2) ~ (1, 2)

select row() = row()

select (1, 2) between (1, 1) and (1, 3)

select 1 between 0 and 2, 1 between symmetric 2 and 0, 1 not between 0 and 2, 'b' between 'a' and 'c', date '2024-01-01' between '2023-01-01' and '2025-01-01'

select 1 between 'a' and 2

select 1 is null, 1 is not null, null is null, true is true, null is unknown, 'x' is null, (1 = 1) is not false, true is not unknown

select 1 is true

select 'x' is true

select not null, not 't', true and null, 'f' or true

select not 1

select 'x' and true

select 'abc' like 'a%', 'abc' not like 'a%', 'abc' ilike 'A%', 'abc' similar to 'a%', 'abc' ~ 'a', 'abc' !~* 'A', 'a%' like 'a!%' escape '!', 'abc' similar to 'a!%' escape '!', 'abc'::char(5) like 'abc', note like 'a%', 'abc' not similar to 'b' from readings

select 1 like 'a'

select 'a' like 1

select '\x00'::bytea like 'a'

select -1, - 1, -'1', -1::smallint, +1, @ -1, |/ 4, ~ 1, 5 !

select -'x'

select -true

select -now()

select 5 % 2, 5.5 % 2, 2 ^ 3, 2.5 ^ 2, 5 / 2, 5 / 2.0, 5 & 1, 5 | 1, 5 # 1, 1 << 2

select 5.5::float8 % 2

select 2 ^ '3', '2' ^ 3, '5' / 2, 5 / '2', '5' * '2'

select 1 operator(pg_catalog.+) 2, 1 operator(nosuch.+) 2

select 1 <=> 2

select 1 == 2

select 'x' collate "C", 1

select 1 collate "C"

select 'a' < 'b' collate "C"

select ts at time zone 'UTC', ts::timestamp at time zone 'UTC', day at time zone 'UTC', '2024-01-01' at time zone 'UTC', ts at time zone interval '1 hour' from readings

select ts at time zone 1 from readings

select extract(year from ts), extract('year' from ts), extract(year from day), extract(epoch from ts - ts), extract(hour from time '10:00') from readings

select extract(year from 'x')

select extract(year from '2024-01-01')

select extract(year from 1)

-- fedgate: 0A000
select current_date, current_time, 1

select current_date, current_timestamp, current_timestamp(3), localtime, localtimestamp, localtimestamp(0), now(), transaction_timestamp(), statement_timestamp(), clock_timestamp(), timeofday()

select current_user, session_user, user, current_role, current_catalog, current_schema, current_database(), current_schema(), current_schemas(true), version(), pg_backend_pid()

select e'a\tb', U&'d\0061t\+000061', $$x$$, 'a' 
'b', 'it''s'

select 'readings'::regclass, 'int4'::regtype, 'upper'::regproc

select 'nosuch'::regclass

select 'nosuch'::regtype

select 12345::regclass, 'readings'::regclass::oid, 'readings'::regclass::text

select oid '5', '5'::oid, 5::oid, 5::bigint::oid

select pg_typeof(1), pg_typeof('x'), pg_typeof(null), pg_typeof(array[1])

select 'a'::"char", 'abc'::name, 'a'::name || 'b'
