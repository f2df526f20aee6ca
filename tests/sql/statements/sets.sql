select 1 union select 2

select 1 union select 'x'

select 'x' union select 1

select 1 union select '2'

select 1 union select 2.5 union select 3::float8

select 1 union select null union select 'a'

select null union select null union select 1

select null union all select null

select 'a' union select 'b'

select 'a'::varchar(3) union select 'b'::varchar(3)

select 'a'::varchar(3) union select 'b'::varchar(4)

select 'a'::varchar(3) union select 'b'::text

select 'a'::char(3) union select 'b'::varchar

select 1::numeric(5,2) union all select 2::numeric(5,2)

select 1::numeric(5,2) union all select 2::numeric(6,2)

select 1 union select true

select 1, 2 union select 3

select 1 as a union select 2 as b

select 1 as a union select 2 as b order by a

select 1 as a union select 2 as b order by b

select 1 as a union select 2 as b order by a + 1

select 1 as a union select 2 as b order by 1 desc nulls last limit 1

select 1 as a union select 2 order by 2

select 1 as a, 1 as a union select 2, 3 order by a

(select 1 as a order by a limit 1) union all (select 2 limit 2) order by a limit 1 offset 1

select 1 intersect select 2 except select 3

select 1 union (select 2 intersect select 3)

select json '1' union select json '2'

select json '1' union all select json '2'

select device from devices union select device::bigint from readings

select device, model from devices except select device, note from readings

select device from devices intersect all select device from readings order by device

select * from devices union select * from devices

select * from devices union select * from readings

select count(*) from devices union select max(device) from devices

select device from devices union select 'x' from devices

select device from devices union select '5' from devices

select now() union select '2024-01-01'

select '2024-01-01' union select now()

select date '2024-01-01' union select now()

select array[1] union select '{2}'

select array[1] union select array[1.5]

select (1, 2) union select (3, 4)

select row(1, 'a') union select row(2, 'b')

select 1 union select 2 having true

select 1 where false union select 2 where true

values (1, 'a'), (2, 'b')

values (1), (2.5), (null)

values (1), ('x')

values ('a'), ('b')

values (null), (null)

values (1, 2), (3)

values (1, 2) order by column1

values (1), (2) order by column1 desc limit 1

values (1), (2) order by column1 + 1

values (1), (2) order by nope

values (1), (2) order by 2

values (1) union values (2) order by 1

values (1::numeric(5,2)), (2::numeric(5,2))

values (1::numeric(5,2)), (2)

values ('a'::varchar(3)), ('b'::varchar(3))

values (count(*))

values (rank() over ())

values ((select 1))

values (default)

values (1), (device)

select * from (values (1, 'a'), (null, 'b')) v(x, y) where x = 1

select * from (values ('1'), (2)) v

select x from (values (date '2024-01-01'), ('2024-01-02')) v(x)

table devices

table devices union select * from devices

select * from (select 1 union select 2) q

select a from (select 1 as a union all select 2.5) q where a > 1

select (select 1 union select 2 limit 1)

select 1 in (select 1 union select 2)

select * from (table devices) t

(select 1)

((select 1) union (select 2)) limit 1

select 1 limit 1 union select 2

(select 1 limit 1) union select 2

with x as (select 1 a) select a from x union select a + 1 from x

(with x as (select 1 a) select a from x) union select 2

select 1 from devices union select 2 from devices group by model order by 1

select device from devices d where exists (select d.device union select 1)

select device, (select max(x) from (select d.device x union select 5) q) from devices d

select device from devices union select count(*) over () from devices

select x from (select device x from devices union all select null) q

select null as x union all select null union all select 1

select x + 1 from (select null as x union all select 2) q

select x || 'a' from (select null as x) q

select x + 1 from (select '1' as x) q

select x + 1 from (values ('1')) v(x)

with t as (select '1' as x) select x + 1 from t

select x + 1 from (select $1 as x) q
