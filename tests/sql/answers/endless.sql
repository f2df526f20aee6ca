-- Recursive queries without an end, of which each reader takes what it needs
with recursive t as (select 1 n union all select n+1 from t) select n from (select n from t limit 5) q union all select n from (select n from t limit 3) r
with recursive t as (select 1 n union all select n+1 from t) select (select n from t where n > 7 limit 1), (select max(n) from (select n from t limit 4) q), exists (select from t where n = 20)
with recursive t as (select 1 n union all select n+1 from t), u as (select n * 2 m from t) select m from (select m from u limit 5) q union all select n from (select n from t limit 3) r
with recursive t as (select 1 n, 1 f union all select f, n + f from t) select n from (select n from t limit 12) q where n in (select n from t limit 6)
select * from (with recursive t as (select 1 n union all select n+1 from t) select a.n, b.n m from (select n from t limit 3) a join (select n from t offset 1 limit 3) b using (n)) q
with recursive t as (select 1 n where false union all select n+1 from t) select count(*), (select count(*) from t) from t
