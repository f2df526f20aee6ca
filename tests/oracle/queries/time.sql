select count(*) from readings where ts >= timestamptz '2024-03-31 00:00 Europe/Berlin' and ts < timestamptz '2024-04-01 00:00 Europe/Berlin'

select date_trunc('day', ts, 'Europe/Berlin') as d, count(*) from readings where ts between '2024-03-29' and '2024-04-02' group by 1 order by 1

select date_trunc('day', ts at time zone 'Asia/Kolkata') as d, count(*) from readings where site = 'p1' group by 1 order by 1

select (ts at time zone 'America/New_York')::date as d, count(*) from readings group by 1 order by 1 limit 15

select extract(hour from ts at time zone 'Australia/Adelaide') h, count(*) from readings group by 1 order by 1

select ts::date, count(*) from readings group by 1 order by 1 limit 10

select ts::time, temp from readings where site = 's1' and device = 104 order by ts, temp limit 10

select extract(epoch from ts) from readings where site = 'd1' order by 1 limit 10

select extract(epoch from max(ts) - min(ts)) from readings

select date_part('minute', ts) m, count(*) from readings group by 1 order by 1 limit 10

select extract(doy from day), extract(week from day), extract(isodow from day), extract(quarter from day), count(*) from readings where day < '2024-02-25' group by 1, 2, 3, 4 order by 1

select count(*) from readings where day = '2024-03-03'

select count(*) from readings where ts > '2024-03-03'

select count(*) from readings where ts::date = '2024-03-03'

select count(*) from readings where ts >= '2024-03-03 12:00:00.123456+00'

select ts from readings where ts = (select min(ts) from readings)

select min(ts + interval '1 hour'), max(ts - interval '1 month') from readings

select count(*) from readings where ts < timestamptz '2024-03-01 00:00+00' + interval '36 hours'

select count(*) from readings where ts - timestamptz '2024-03-01 00:00+00' < interval '2 days'

select day + 7, count(*) from readings where day < '2024-02-23' group by 1 order by 1

select day - date '2024-02-01' as n, count(*) from readings group by 1 order by 1 nulls first limit 5

select to_char(ts, 'YYYY-MM') m, count(*) from readings group by 1 order by 1

select to_char(day, 'Dy DD Mon') d, count(*) from readings where day < '2024-02-25' group by 1 order by 1

select to_char(ts, 'HH24:MI:SS.US') from readings where site = 'g1' order by ts limit 5

select age(max(ts), min(ts)) from readings

select justify_hours(interval '50 hours'), make_interval(days => 3, hours => 4), make_date(2024, 2, 29), make_timestamptz(2024, 3, 1, 12, 30, 15.5, 'UTC')

select timestamptz '2024-03-10 06:59:59.999999+00' at time zone 'America/New_York', timestamptz '2024-03-10 07:00+00' at time zone 'America/New_York'

select date '2024-02-29' + interval '1 year', date '2024-03-31' - interval '1 month', timestamp '2024-01-31' + interval '1 month'

select extract(year from ts) y, extract(month from ts) m, count(*) from readings group by 1, 2 order by 1, 2

select generate_series(date '2024-03-01', date '2024-03-05', interval '1 day')

select g.d, count(r.ts) from generate_series(timestamptz '2024-03-01', timestamptz '2024-03-07', interval '1 day') g(d) left join readings r on r.ts >= g.d and r.ts < g.d + interval '1 day' group by 1 order by 1

select '2024-03-01 10:00'::timestamp - '2024-02-01'::timestamp, '10:30'::time + interval '45 min', '2024-03-01'::date - 30

select timestamp '2024-03-01 10:00:00.5'::timestamptz, '2024-03-01 10:00:00.5+02'::timestamptz::timestamp, timestamp(0) '2024-03-01 10:00:00.5'

select date_trunc('minute', ts), count(*) from readings where ts < '2024-02-20 06:00+00' group by 1 order by 1

select date_trunc('quarter', ts), date_trunc('year', ts), count(*) from readings group by 1, 2 order by 1

select to_timestamp(1709251200), to_timestamp(0.5), to_date('2024-03-05', 'YYYY-MM-DD'), to_timestamp('05 Mar 2024 14:05', 'DD Mon YYYY HH24:MI')

select isfinite(ts), count(*) from readings group by 1

select interval '90 minutes', interval '1 day 01:02:03.5', interval '-3 mons', interval '1 year 2 months'

select extract(epoch from interval '2 days 3 hours'), extract(hours from interval '27 hours'), interval '1 hour' * 1.5, interval '1 day' / 4

select o from (select (date '2024-01-01', date '2024-02-01') overlaps (date '2024-01-15', date '2024-03-01') as o) q

select count(*) from readings where ts > 'yesterday-ish'

select date '2024-02-30'

select timestamptz '2024-03-01 00:00 Mars/Olympus'

select date_trunc('fortnight', ts) from readings

-- each step of a chain of truncations is written once, and an unknown zone of an infinite time is unknown
select date_trunc('month', date_trunc('week', date_trunc('day', date_trunc('hour', ts + interval '1 mon -1 day 02:30')))) as m, count(*) from readings group by 1

select t, t at time zone z, t::timestamp at time zone z, t at time zone 'Asia/Kathmandu', t::timestamp at time zone 'Asia/Kathmandu', t at time zone i, t::timestamp at time zone i, t at time zone 'UTC' from (values (timestamptz 'infinity', 'Europe/Berlin', interval '2 hours'), ('-infinity', null, null), ('2024-03-31 01:00+00', 'Europe/Berlin', interval '-03:30'), ('2024-03-31 01:00+00', null, null), (null, 'UTC', interval '0')) v(t, z, i)

select ts at time zone 'MSK' m, date_part('second', ts) s, date_part('milliseconds', ts) ms, extract(julian from ts) j, date_part('year', day) y from readings where site = 's1' and device = 104 order by ts, temp limit 10

select date_trunc('day', ts, 'ABC-3DEF,M3.5.0,M10.5.0/3') d, count(*) from readings group by 1 order by 1 limit 10

select count(*) from readings where ts at time zone 'MSK' >= '2024-03-03 01:00' and date_trunc('decade', ts) = '2020-01-01'
