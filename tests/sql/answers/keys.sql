select '{"a":1.0}'::jsonb = '{"a":1}'::jsonb, '"b"'::jsonb < '1'::jsonb
select x from (values ('{"a":1}'::jsonb),('[1,2]'),('"z"'),('10'),('9'),('null'),('true'),('{}'),('[]'),('{"b":1,"aa":2}'),('[10]'),('{"a":10}'),('{"a":9}')) t(x) order by x
select string_agg(x::text, '|' order by x) from (values ('{"a":1}'::jsonb),('[1,2]'),('"z"'),('10'),('9'),('null'),('true'),('false'),('{}'),('[]'),('{"b":1,"aa":2}'),('[10]'),('{"a":10}'),('{"a":9}'),('"Z"'),('"é"'),('-5'),('1.5'),('[[]]'),('[{}]'),('[[1]]'),('"zz"')) t(x)
select distinct x from (values ('1.0'::jsonb),('1')) t(x)
select x, count(*) from (values ('1.0'::jsonb),('1.00'),('2')) t(x) group by x
select '1.0'::jsonb union select '1'::jsonb
select '1.0'::jsonb in ('1'::jsonb, '2'::jsonb), '1.0'::jsonb in (select '1'::jsonb)
select * from (values ('1.0'::jsonb)) a(x) join (values ('1'::jsonb)) b(x) on a.x = b.x
select * from (values ('1.0'::jsonb)) a(x) join (values ('1'::jsonb)) b(x) using (x)
select count(distinct x) from (values ('1.0'::jsonb),('1'),('2')) t(x)
select '1.0'::jsonb intersect select '1'::jsonb
select '1.0'::jsonb except select '1'::jsonb
select array_agg(distinct x) from (values ('1.0'::jsonb),('1'),('2'),('10')) t(x)
select nullif('1.0'::jsonb,'1'::jsonb), case '1.0'::jsonb when '1'::jsonb then 1 else 2 end
select greatest('10'::jsonb,'9'::jsonb), least('10'::jsonb,'9'::jsonb)
select array['1.0'::jsonb] = array['1'::jsonb]
select array[1.0] = array[1.00], array[10.0] < array[9.00], array['a '::char(3)] = array['a'::char(1)]
select array_position(array['1.0'::jsonb], '1'::jsonb)
select x, row_number() over (partition by x) from (values ('1.0'::jsonb),('1'),('2')) t(x)
select ('1.0'::jsonb, 1) = ('1'::jsonb, 1), row('1.0'::jsonb,1) < row('2'::jsonb, 1)
select '1.0'::jsonb is distinct from '1'::jsonb
select '1.0'::jsonb = any(array['1'::jsonb]), array['1.0'::jsonb] @> array['1'::jsonb], array['1.0'::jsonb] && array['1'::jsonb]
select x from (values (array['1.0'::jsonb]),(array['1'::jsonb])) t(x) group by x
select x from (values (array[1.0]),(array[1.00])) t(x) group by x
select x::text from (values (array['b'::char(3)]),(array['b'::char(1)])) t(x) order by x
select distinct on (x) x, y from (values ('1.0'::jsonb, 1),('1', 2),('2', 3)) t(x,y) order by x, y
select percentile_disc(0.5) within group (order by x) from (values ('10'::jsonb),('9'),('2')) t(x)
select rank('3'::jsonb) within group (order by x) from (values ('10'::jsonb),('9'),('2')) t(x)
select 1.0 except select 1
select x/3 from (values (1),(2),(2)) t(x) intersect select x/3.0 from (values (1),(2)) t(x)
select x/3.0 from (values (1),(2),(2)) t(x) intersect select x/3.000 from (values (1),(2)) t(x)
select x/3.0 from (values (1),(2),(2)) t(x) intersect all select x/3.000 from (values (1),(2),(2)) t(x)
select x/3.0 from (values (1),(2),(2)) t(x) except all select x/3.000 from (values (1),(2)) t(x)
select x/3.0 from (values (1),(2),(2)) t(x) except select x/3.000 from (values (1)) t(x)
select null::numeric/3 except select null::numeric/3
select 1.50, 2 intersect all select 1.5, 2
