-- the hidden columns by themselves, at every engine: scanned, ordered, grouped, windowed, joined

select _node from readings

select _shard from readings where status = 2

select _shard, _node from devices

select _node, device from devices limit 0

select _node, _shard, site, device, ts from readings order by _node, _shard desc, site, device, ts limit 9

select _shard from readings order by 1 desc limit 11

select _node from readings order by _shard, _node offset 30 limit 20

select _node from readings where temp > 20 order by temp desc nulls last, _node, site limit 5

select distinct _node from readings

select distinct _shard, site from readings where status > 0

select _shard || '/' || _node, count(*) from readings group by 1

select _node, upper(_shard), max(ts) from readings group by _shard, _node having count(*) > 3

select max(_node), min(_shard), count(distinct _node) from readings

select _node, row_number() over (partition by _node order by ts, site, device) from readings

select rank() over (partition by _shard order by _node) from readings

select a._node from readings a join readings b on a._shard = b._shard and a.ts = b.ts and a.device = b.device

select r._shard, d._node from readings r join devices d on d.device = r.device where r.status = 1

select r._node from readings r left join devices d on d.device = r.device and d._node = r._node

select _node from readings r where exists (select from devices d where d.device = r.device) order by 1 limit 6

select count(*) from readings where _node in (select _node from devices)

select _node from readings union select _shard from devices

select _node from (select _node, temp from readings order by temp desc nulls last, site, ts limit 10) v

select coalesce(_shard, 'x'), length(_node) from readings where _shard <> _node

select r.site, r._node, device from readings r where _shard > 'k' and site is not null order by site, device, ts limit 4

select _node, count(*) filter (where _shard like '%1') from readings group by rollup (_node)
