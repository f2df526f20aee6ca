select generate_subscripts(array[1,2,3], 1, true), generate_subscripts(array[1,2,3], 2), generate_subscripts(array[4,5], 1)
select array_to_json(array[1,null], true), array_to_json(array['a','b'], false), array_to_json(array[1], null)
select string_agg(x, y order by z) from (values ('\x01'::bytea, '\x2c'::bytea, 1), ('\x02', '\x3b', 2), (null, '\x', 3), ('\x03', null, 4)) t(x, y, z)
select string_agg(x, y order by z), string_agg(x, y order by z) filter (where z > 1), string_agg(x, y) filter (where false) from (values ('a', ',', 1), ('b', ';', 2), (null, '-', 3), ('c', null, 4)) t(x, y, z)
select rank(3, 'b') within group (order by device, note), dense_rank(3, 'b') within group (order by device desc, note nulls first), cume_dist(3, 2) within group (order by device, status), percent_rank(3, null) within group (order by device, note) from readings
select rank(3) within group (order by device), dense_rank(2) within group (order by device desc), dense_rank(2) within group (order by device), cume_dist(2) within group (order by device), percent_rank(1) within group (order by device) from readings
select rank(null::int) within group (order by device), dense_rank(null::int) within group (order by device desc), rank(null::int) within group (order by device nulls first) from readings
select rank(1.50) within group (order by x), dense_rank(1.5) within group (order by x desc) from (values (1.5), (1.50), (2), (null), ('NaN')) t(x)
select percentile_disc(null) within group (order by device), percentile_disc(array[0.1,null]) within group (order by price), percentile_cont(array[0.25,null,0.5]) within group (order by temp) from readings
select count(*) over (order by device rows between null preceding and current row) from readings
select count(*) over (order by device range between -1 preceding and current row) from readings
select count(*) over (order by device rows between -1 preceding and current row) from readings
select count(*) over (order by device groups between current row and -2 following) from readings
select ntile(0) over () from readings
select nth_value(temp, 0) over () from readings
select nth_value(device, status) over (order by device, ts, status, temp) from readings where status > 0 and device < 3
select nth_value(device, status) over () from (values (1, 0), (2, 1)) t(device, status)
select gen_random_uuid() <> gen_random_uuid(), length(gen_random_uuid()::text)
select statement_timestamp() = statement_timestamp(), statement_timestamp() >= now()
select mode() within group (order by x desc), mode() within group (order by x), mode() within group (order by f), mode() within group (order by s desc) from (values (1, 'NaN'::float8, 'b'), (2, 0, 'a'), (2, 'NaN', 'ä'), (1, -0.0, null), (null, 1, null)) v(x, f, s)
select k, mode() within group (order by x), mode() within group (order by x) filter (where x < 2) from (values ('a', 3), ('b', 1), ('a', 2), ('a', 2), ('c', null), ('b', 5), ('b', 5)) v(k, x) group by k order by k
