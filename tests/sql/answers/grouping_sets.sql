-- Direct arguments of ordered-set aggregates that are keys: NULL where the set leaves the key out.
select k, rank(k) within group (order by v), rank(k) within group (order by v nulls first), dense_rank(k) within group (order by v desc), percent_rank(k) within group (order by v), cume_dist(k) within group (order by v) from (values (2, 1), (2, 2), (2, null), (7, 3), (7, 9)) t(k, v) group by rollup (k)
select k + 1, rank(k + 1, 5) within group (order by v, k) filter (where v > 1) from (values (2, 1), (2, 3), (7, 3), (7, 9)) t(k, v) group by cube (k + 1)
select k::numeric, rank(k::numeric) within group (order by v) from (values (1.0::text, 2.0), ('1', 3.5), ('2.50', 1)) t(k, v) group by rollup (1)
select p, percentile_disc(p) within group (order by v) from (values (0.5::float8, 1), (0.5, 4), (0.25, 5)) t(p, v) group by rollup (p)
-- Targets of one expression are keys of their own; other uses of it read the first.
select n as x, n as y from generate_series(4, 6) n group by x, rollup (y)
select n as x, n as y, n, n * 2, grouping(n), (select n), (select sum(n)) from generate_series(4, 6) n group by rollup (y, x) having n is null or n > 4
select n as x, n as y, count(*) from generate_series(4, 6) n group by grouping sets ((n), (2), ())
select n % 2 as x, n % 2 as y, sum(n) from generate_series(4, 6) n group by 1, y
select 3 as x, 3 as y, count(*) from generate_series(4, 6) n group by rollup (x, y)
select n + 1 as x, (select n) as y from generate_series(4, 6) n group by rollup (n + 1, n)
