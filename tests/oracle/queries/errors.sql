select nope from readings

select * from nope

select site from readings group by device

select site, count(*) from readings

select count(*) from readings where count(*) > 1

select nosuch(site) from readings

select sum(note) from readings

select temp + note from readings

select 1 / 0

select status / 0 from readings

select 'x'::int

select site::int from readings

select 2147483647 + 1

select 99999999999999999999::bigint

select 32768::smallint

select * from readings where site = 5

select * from readings where

select from where

selec 1

select 'unterminated

select 1 as a, 2 as a order by a

select q.nope from (select 1 as yes) q

select readings.site from readings r

select * from readings r, devices r

select max(max(temp)) from readings

select site from readings order by nope

select site from readings having temp > 1

select (select 1, 2)

select case when 1 then 2 end

select 1 in ('a')

select coalesce()

select substring('abc', 2, -1)

select sqrt(-1)

select ln(0)

select array[1, 'x']

select row(1, 2) = row(1)

select date 'not a date'

select '{"a":'::jsonb

select 1 limit 'x'

select * from readings join devices on nope

select distinct on (site) device from readings order by device

select interval '1 parsec'

select extract(nope from ts) from readings

select $1

select numeric(3, 1) '123.4'

select 'abc'::varchar(2), 'abc'::char(2)

select (1, 2).nope

select max() from readings

select site from readings union select device from readings

select 1 from readings where temp > 'warm'

select current_setting('no.such')

select current_setting('no.such', true)
