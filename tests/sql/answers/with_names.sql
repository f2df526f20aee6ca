-- Names that an inner WITH hides, and WITH around the UNION of a recursive item.
with recursive a as (with a as (select 4 x) select * from a) select * from a
with recursive a as (select * from b), b as (with recursive a as (select 4 x) select x from a) select * from a
with recursive a(n) as (with z as (select 7 m) select m from z union all select n + m from a, z where n < 19) select * from a
with recursive a(n) as (with recursive z(m) as (select 1 union all select m + 1 from z where m < 3) select m from z union all select n + 10 from a where n < 20) select * from a
with z as (select 5 m) select * from (with recursive a(n) as (with z as (select 1 m) select m from z union select n + m from a, z where n < 3) select * from a) k, z
with recursive a(n) as (with z as (select * from a) select 1 union all select n + 1 from a where n < 9) select * from a
with recursive a as (with recursive b as (select * from a) select * from b) select * from a
