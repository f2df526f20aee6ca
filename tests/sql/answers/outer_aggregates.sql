-- Aggregates in a subquery that belong to a query around it.
select (select sum(r.temp) from devices limit 1) from readings r
select site, (select max(r.temp)) from readings r group by site
select site, (select max(r.temp) + count(*) from devices d where d.device > min(r.device)) from readings r group by site
select site from readings r group by site having exists (select 1 from devices d where d.device = min(r.device))
select site, (select (select count(r.temp))) from readings r group by site
select site, (select count(*) from devices d where d.device % 5 = count(r.site) % 5) n, count(*), rank() over (order by count(*)) from readings r group by site order by 2
select site, status, (select sum(r.status) + coalesce(r.status, 0)) from readings r group by rollup(site, status)
select site, grouping(site), (select string_agg(r.site, ',' order by r.site) || x from (values ('a')) v(x)) from readings r where status = 3 group by rollup(site)
select (select sum(x.n) from (select count(r.temp) n) x) from readings r
select (values (sum(r.status))) from readings r
select (select sum(r.status) union all select 1 limit 1) from readings r
select distinct (select max(r.status) filter (where r.ok)) from readings r group by site
select (select sum(r.status) from devices having count(*) > 0) from readings r
select (select array_agg(distinct r.status order by r.status) from devices d limit 1) from readings r
select site, (select max(r.temp) from readings i where i.site = r.site) from readings r group by site
select site, (select max(r.temp) from readings i where i.status = r.status limit 1) from readings r group by site
select * from devices d where device in (select max(d.device) from readings)
select (select count(d.device) from (select d.model) m) from devices d group by model
select (select sum((select r.status + d.device from devices d where d.device = 5)) ) from readings r
select (select sum(sum(r.status))) from readings r
select sum((select sum(r.status))) from readings r
select max(site) over (), (select count(r.site)) from readings r group by site
with c as (select 1 as k) select (select count(r.temp) + k from c) from readings r
select (with c as (select count(r.temp) n) select n from c) from readings r
select (with c as materialized (select count(r.temp) n) select n from c) from readings r
select case when (select count(r.site)) > 5 then 'many' end, r.site from readings r group by r.site
select upper(site), (select count(r.site) || upper(r.site)) from readings r group by upper(site)
select site, array(select d.device from devices d where d.device <= min(r.device) order by 1) from readings r group by site
select site, 5 in (select d.device from devices d where d.device <= min(r.device)) from readings r group by site
select site, (select count(r.*) ) from readings r group by site
select (select count(*) from readings r where r.device = d.device having max(d.device) > 3) from devices d
select (select count(*) from devices d2 group by d2.model having count(d.device) > 3 limit 1) from devices d
select percentile_cont(0.5) within group (order by r.temp), (select percentile_cont(0.5) within group (order by r.temp)) from readings r
select (select percentile_cont(0.5) within group (order by r.temp) from devices limit 1) from readings r where false
select (select count(r.temp)) from readings r where false group by site
select r.site, x.n from readings r, lateral (select count(r.temp) n) x
select (select grouping(r.site)) from readings r group by site
select (select avg(r.temp - 1) from devices d join readings q on q.device = d.device where q.site = r.site) from readings r group by r.site
select site from readings r group by site order by (select sum(r.price * r.device)), site limit 2
