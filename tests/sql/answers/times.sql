select ts + i from readings, (values (interval '1 mon'), ('1 day'), ('-1 year 3 hours'), (null)) v(i) where device = 1
select ts + interval '1 day' + interval '1 mon' - interval '3 hours' from readings where device = 1
select x + i from (values (timestamptz 'infinity'), ('-infinity'), ('2024-03-31 00:30+00')) t(x), (values (interval '1 mon'), ('1 day')) v(i)
select (ts + interval '1 day' * device) - ts, (ts::timestamp + interval '1 day' * -device - interval '3 min') - ts::timestamp, (ts + interval '1 day' * -device - interval '3 min') - ts from readings where device in (1,2)
select to_timestamp(x) from (values (1913.3309735::float8), (0.1), (-5.25)) t(x)
