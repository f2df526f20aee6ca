select (select device from devices)

select (select device, model from devices)

select (select * from devices)

select (select from devices)

select array(select device from devices)

select array(select device, model from devices)

-- fedgate: 0A000
select array(select array[1])

select exists (select * from devices)

select exists (select from devices)

select 1 in (select device from devices)

select 1 in (select device, model from devices)

select (1, 'a') in (select device, model from devices)

select (1, 'a', 3) in (select device, model from devices)

select 1.5 in (select device from devices)

select 'x' in (select device from devices)

select '5' in (select device from devices)

select model in (select device from devices) from devices

select device in (select device::numeric from readings) from devices

select device::numeric in (select device from readings) from devices

select device not in (select device from readings) from devices

select device = any (select device from readings) from devices

select device <> all (select device from readings) from devices

select device > some (select temp from readings) from devices

select model like any (select note from readings) from devices

select model like any (array['a', 'b']) from devices

select device + any (select 1) from devices

select device = (select max(device) from readings) from devices

select (device, model) = (select 1, 'a') from devices

select (device, model) <> all (select device, note from readings) from devices

-- fedgate: 0A000
select (device, model) > any (select device, note from readings) from devices

select row(device, model) in (select d.device, d.model from devices d) from devices

select 'a' in (select 'b')

select null in (select 1)

select 1 in (select '1')

select 1 in (select 'x')

select 1 in (select null)

select installed in (select ts from readings) from devices

select ts in (select installed from devices) from readings

select device from devices d where d.device = (select r.device from readings r where r.device = d.device limit 1)

select device from devices d where d.device in (select r.device from readings r where r.nope = d.device)

select device from devices d order by (select count(*) from readings r where r.device = d.device)

select (select model from devices limit 1) || 'x'

select (select 1.5) + 1, (select 'x') || 'y', (select '1') + 1

select case when exists (select 1) then (select 2) else 3 end

select coalesce((select device from devices limit 1), 0)

select (select (select (select d.device))) from devices d

select (select count(*) from (select d.device) q) from devices d

select * from devices d where (select count(*) from readings r where r.device = d.device) > 1

select * from devices where device in (1, (select 2))

select array[(select 1), 2]

select (select 1 as x order by x limit 1)

select (with x as (select 1 a) select a from x)

select (select a from (values (1), (2)) v(a) limit 1)

select x.a from (select 1 as a) x where x.a in (select x.a)

-- fedgate: ok
select (select d from devices d limit 1)

select (select d.device, d.model from devices d limit 1)

select (select row(1, 2))

select count((select 1)) from devices
