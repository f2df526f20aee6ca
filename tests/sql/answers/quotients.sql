-- Sums and averages of quotients, which are computed without a text for each.
select g % 7, sum(g / 7.0), avg(g / 7.0), count(g / 7.0), sum(7.0 / g), avg(1.5 / g) from generate_series(1, 3000) g group by 1
select sum(g * 60.0 / nullif(g % 13, 0)), avg(g * 60.0 / nullif(g % 13, 0)), count(g * 60.0 / nullif(g % 13, 0)) from generate_series(-1500, 1500) g
select sum(x / y), avg(x / y), min(x / y), max(x / y) from (select (g * 7919::bigint * 104729 % 1000003)::numeric(12,4) x, (g * 31 % 997 + 1)::numeric(9,3) y from generate_series(1, 2000) g) v
select k, sum(x / y), avg(x / y) from (select g % 5 k, (10 ^ (g % 14) * (g - 500))::numeric(18,3) x, (3 * 10 ^ (g % 12))::numeric(15,2) y from generate_series(1, 1000) g) v group by k
select k, sum(y / x), avg(y / x) from (select g % 5 k, (10 ^ (g % 14) * (g + 3))::numeric(18,3) x, (7 * 10 ^ (g % 12) + g)::numeric(18,6) y from generate_series(1, 1000) g) v group by k
select sum(price / 3.0), avg(price / hum::numeric(8,3)), avg(price / nullif(status, 0)), sum(total / 7.0) from readings where hum > 0
select site, sum(price / nullif(status, 0)) filter (where status > 1), avg(price / nullif(status, 0)) filter (where ok), count(*) from readings group by site
select site, avg(price / nullif(status, 0)) filter (where status > 100), sum(price / status) filter (where status > 0) from readings group by rollup(site)
select sum(price / status) from readings
select avg(price / status) from readings where status <> 0
select count(price / status) from readings
select sum(x / y), avg(x / y), count(x / y) from (values (1.0, 3.0), (null, 2.0), (2.0, null), (null, 0.0)) v(x, y)
select sum(x / y), avg(x / y), count(x / y) from (values (1.0, 3.0), (2.0, 0.0)) v(x, y)
select sum(x / y), avg(x / y), count(x / y) from (values (1.0, 3.0)) v(x, y) where false
select sum(x / y) from (values (0.0, 3.0), (0.00, 5.0), (-0.5, 1.0)) v(x, y)
select sum(x / y), avg(x / y) from (values (999999999999999999::numeric(18,0), 99999999999999::numeric(18,0)), (1, 999999999999999999), (999999999999999999, 1), (-999999999999999999, 3)) v(x, y)
select sum(distinct x / y), avg(distinct x / y) from (values (1.0, 3.0), (1.00, 3.0), (2.0, 6.0)) v(x, y)
select sum(x / y) over (order by x), avg(x / y) over () from (values (1.0, 3.0), (5.0, 7.0)) v(x, y)
select sum(round(x / y, 2)), round(avg(x / y), 3), sum(x / y + 1) from (values (1.0, 3.0), (5.0, 7.0)) v(x, y)
select var_pop(x / y), stddev(x / y) from (values (1.0, 3.0), (5.0, 7.0), (2.5, 1.1)) v(x, y)
