select extract(year from x), extract(epoch from x), extract(julian from x), extract(century from x), extract(decade from x), extract(millennium from x), extract(isoyear from x), extract(month from x) from (values ('infinity'::timestamp, 1), ('-infinity', 2), (null, 3), ('2024-02-29 12:00:00.5', 4)) v(x, f)

select extract(year from x), extract(epoch from x), extract(julian from x), extract(decades from x), extract(mil from x), extract(isoyear from x), extract(hour from x) from (values ('infinity'::timestamptz, 1), ('-infinity', 2), (null, 3), ('2024-02-29 12:00:00.5Z', 4)) v(x, f)

select extract(y from x), extract(epoch from x), extract(julian from x), extract(c from x), extract(day from x) from (values ('infinity'::date, 1), ('-infinity', 2), (null, 3), ('2024-02-29', 4)) v(x, f)

select extract(year from x) + 1, round(extract(epoch from x), 2), extract(year from x) > 2000, max(extract(year from x)) over (), extract(year from x)::text from (values ('infinity'::timestamp, 1), ('-infinity', 2), (null, 3), ('2024-02-29 12:00:00.5', 4)) v(x, f)

select extract(year from x), count(*) from (values ('infinity'::timestamp, 1), ('-infinity', 2), (null, 3), ('2024-02-29 12:00:00.5', 4)) v(x, f) group by 1 order by 1

select sum(extract(year from x)), avg(extract(year from x)), min(extract(year from x)), max(extract(epoch from x)) from (values ('infinity'::timestamp), ('2024-01-01')) v(x)

select extract(year from x)::numeric(6,0) from (values ('infinity'::date)) v(x)

select extract(year from x)::int from (values ('infinity'::timestamp)) v(x)

select pg_catalog.extract(u, x) from (values ('year', 'infinity'::timestamp), ('epoch', '-infinity'), ('month', 'infinity')) v(u, x)

select extract(year from (select timestamp 'infinity' + interval '1 day')), (select extract(epoch from max(x)) from (values ('infinity'::date), ('2024-01-01')) v(x))
