select row_to_json(b), count(b) from readings a left join devices b on a.device = b.device + 1000 where a.device < 3 group by b.device, b.model, b.installed
select count(b), json_agg(b) from (select 5 as x) a left join devices b on a.x = b.device + 1000
select count(b), json_agg(b order by b.device) from (select 5 as x) a left join devices b on b.device < 3
select row_to_json(b) from (values (1)) a(x) left join devices b on a.x = b.device
select row_to_json(b) from (values (1000)) a(x) left join devices b on a.x = b.device
select row_to_json(a) from (values (1000)) a(x) left join devices b on a.x = b.device
select to_json(b), coalesce(row_to_json(b)::text, 'none') from devices b right join (values (1000),(2)) a(x) on a.x = b.device
select a.x from (values (1000),(2)) a(x) left join devices b on a.x = b.device where b is null
select a.x from (values (1000),(2)) a(x) left join devices b on a.x = b.device where b is not null
select a.x, (b).model, b.* from (values (1000),(2)) a(x) left join devices b on a.x = b.device
select count(*) from (values (1000),(2)) a(x) full join devices b on a.x = b.device where a is null
select b is null, b.x is null from (values (1)) a(x) left join (values (2)) b(x) on a.x = b.x
