select site, ts, temp from readings order by temp desc nulls last, ts, site limit 10

select site, ts, temp from readings order by temp, ts, site limit 10 offset 5

select site, ts, temp from readings order by temp desc, ts, site limit 10

select site, ts from readings order by ts limit 1

select ts, site from readings order by ts desc, site desc limit 25 offset 1990

select ts from readings order by ts offset 1995

select ts from readings order by ts fetch first 3 rows only

select device from devices order by device limit 0

select device from devices order by model nulls first, device desc limit 7

select distinct on (device) device, ts, temp from readings where device is not null order by device, ts desc, site limit 12

select distinct on (site, ok) site, ok, total from readings order by site, ok, total desc nulls last

select distinct site from readings order by site limit 2 offset 1

select site, count(*) from readings group by site order by count(*) desc, site desc limit 2

select site, note from readings where note is not null order by note, site, ts limit 12

select note from readings where note is not null order by note desc limit 5

select note, count(*) from readings group by note order by note nulls first

select price from readings order by price desc nulls last limit 5

select total, price, hum from readings order by total nulls first, price, hum limit 5

select temp + hum as x from readings order by x desc nulls last limit 4

select site from readings order by length(note) desc nulls last, note, site limit 6

select count(*) from (select 1 from readings limit 700) q

select ts, temp from readings where site = 'p1' order by temp desc nulls last, ts limit 3

select max(ts) from (select ts from readings order by ts limit 100) q

select device from devices order by -device limit 3

select device, model from devices order by 2 desc nulls last, 1 limit 4

select device from devices order by 3

select device from devices limit -1

select device from devices order by device limit null offset null

-- params: {'1': 5, '2': 10}
select site, ts from readings order by ts, site limit $1 offset $2

-- params: {'1': None}
select count(*) from (select 1 from readings limit $1) q

-- a NULL beside the sort key does not send a row to the end of its node's
select temp, site, note, day from readings order by 1 desc nulls last, 2, 3 desc nulls last, 4 limit 10 offset 7

select site, ts, note, temp from readings order by site, ts, note, temp limit 40

select distinct note, temp from readings where temp > 20 or temp is null order by note nulls first, temp nulls first limit 12
