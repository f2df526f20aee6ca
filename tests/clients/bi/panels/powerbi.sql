-- What Power BI sends when it folds steps of a query into nested derived tables; previews end at 1,000 or 4,096 rows.
select "$Table"."id" as "id", "$Table"."time_hour" as "time_hour", "$Table"."origin" as "origin", "$Table"."Seat Class" as "Seat Class" from "public"."flights" "$Table" order by "id" limit 1000

select "$Ordered"."carrier", "$Ordered"."name", "$Ordered"."founded" from ( select "carrier", "name", "founded" from "public"."airlines" "$Table" ) "$Ordered" order by "$Ordered"."carrier" limit 4096

select "_"."origin" as "origin", "_"."dest" as "dest", "_"."fare" as "fare" from "public"."flights" "_" where "_"."origin" = 'JFK' and "_"."origin" is not null order by "_"."id" limit 200

select count(1) as "$Item" from "public"."flights" "$Table"

select "rows"."origin" as "origin", sum("rows"."distance") as "Total", min("rows"."fare") as "Low", max("rows"."fare") as "High", count(1) as "Count" from ( select "origin", "distance", "fare" from "public"."flights" "$Table" ) "rows" group by "origin" order by "origin"

select "rows"."origin" as "origin", "rows"."carrier" as "carrier", avg(cast("rows"."dep_delay" as double precision)) as "a0" from ( select "_"."origin", "_"."carrier", "_"."dep_delay" from "public"."flights" "_" where "_"."cancelled" = false and "_"."dep_delay" is not null ) "rows" group by "origin", "carrier" order by 1, 2

select count(distinct("rows"."tailnum")) + cast(max(case when "rows"."tailnum" is null then 1 else 0 end) as bigint) as "a0" from "public"."flights" "rows"

select "_"."origin", "_"."a0" from ( select "rows"."origin" as "origin", sum("rows"."a0") as "a0" from ( select "_"."origin" as "origin", cast("_"."distance" as double precision) * 1.609344 as "a0" from "public"."flights" "_" ) "rows" group by "origin" ) "_" where not "_"."a0" is null order by 1

select "$Outer"."origin" as "origin", "$Outer"."dep_delay" as "dep_delay", "$Inner"."name" as "name" from ( select "_"."origin" as "origin", "_"."dep_delay" as "dep_delay", "_"."carrier" as "carrier", "_"."id" as "id" from "public"."flights" "_" where "_"."id" <= 40 ) "$Outer" left outer join "public"."airlines" "$Inner" on ("$Outer"."carrier" = "$Inner"."carrier") order by "$Outer"."id"

select "$Outer"."name", "$Inner"."n" from "public"."airlines" "$Outer" left outer join ( select "rows"."carrier" as "c", count(1) as "n" from "public"."flights" "rows" group by "carrier" ) "$Inner" on ("$Outer"."carrier" = "$Inner"."c" or "$Outer"."carrier" is null and "$Inner"."c" is null) order by 1

select "_"."t0" as "month", sum("_"."fare") as "a0" from ( select date_trunc('month', "_"."sched") as "t0", "_"."fare" as "fare" from "public"."flights" "_" ) "_" group by "_"."t0" order by "_"."t0" limit 1000001

select "_"."y", "_"."q", count(1) as "a0" from ( select cast(extract(year from "_"."day") as integer) as "y", cast(floor((extract(month from "_"."day") - 1) / 3) + 1 as integer) as "q" from "public"."flights" "_" ) "_" group by "_"."y", "_"."q" order by 1, 2

select "_"."id", "_"."time_hour" from "public"."flights" "_" where "_"."time_hour" >= timestamp '2013-02-01 00:00:00' and "_"."time_hour" < timestamp '2013-02-10 00:00:00' order by 1

select "_"."id", "_"."sched" from "public"."flights" "_" where "_"."sched" >= timestamp '2013-02-01 00:00:00' and "_"."sched" < timestamp '2013-02-10 00:00:00' order by 1

select "_"."id", "_"."day" from "public"."flights" "_" where "_"."day" = date '2013-02-03' or "_"."day" = date '2013-02-04' order by 1

select "_"."id" from "public"."flights" "_" where "_"."tailnum" like 'N1000%' escape '\' and "_"."tailnum" is not null order by 1

select "_"."carrier", "_"."name" from "public"."airlines" "_" where strpos("_"."name", '%') > 0 or position('Air' in "_"."name") > 0 order by 1

select "_"."id", upper("_"."Seat Class") as "u", length("_"."Seat Class") as "l", substring("_"."Seat Class" from 1 for 3) as "s", ltrim(rtrim("_"."Seat Class")) as "t", left("_"."tailnum", 2) as "f", right("_"."tailnum", 2) as "r" from "public"."flights" "_" where "_"."id" < 30 order by 1

select "_"."id", case when "_"."dep_delay" > 60 then 'late' when "_"."dep_delay" is null then null else 'fine' end as "c0" from "public"."flights" "_" where "_"."id" < 60 order by 1

select "t0"."origin", "t0"."a0" from ( select "origin", sum("fare") as "a0" from ( select "id", "origin", "fare" from "public"."flights" "$Table" where "carrier" in ('UA', 'DL') ) "t1" group by "origin" ) "t0" order by "t0"."a0" desc nulls last, "t0"."origin" limit 3

select "c12"."name" as "c12", "a0" from ( select "t1"."name", sum("t0"."distance") as "a0" from ( select "carrier", "distance", "origin" from "public"."flights" ) "t0" inner join ( select "carrier", "name" from "public"."airlines" ) "t1" on ("t0"."carrier" = "t1"."carrier") where (("t0"."origin" = 'EWR') or ("t0"."origin" = 'LGA')) group by "t1"."name" ) "c12" where not ("a0" is null) order by 1 limit 1000001

select distinct "_"."origin" from "public"."flights" "_" order by 1

select "_"."origin", "_"."rank" from ( select "origin", "id", row_number() over (partition by "origin" order by "id" desc) as "rank" from "public"."flights" "$Table" ) "_" where "_"."rank" <= 2 order by 1, 2

select "_"."id" from ( select "id" from "public"."flights" "$Table" order by "id" limit 100 offset 50 ) "_" order by "_"."id" desc limit 7

select "id", "fare" from "public"."flights" "$Table" order by "fare" desc nulls first, "id" limit 20

select "id", "departs", "booking", "tags", "extra" from "public"."flights" "$Table" order by "id" limit 20

select "a"."Origin", "a"."Min Fare" from ( select "Origin", "Min Fare" from "public"."Fare Rules" "$Table" where "% off" > 1 union all select 'none', 0.00 ) "a" order by 1 nulls first, 2

select sum(cast("t0"."flight" as bigint)) as "a0", cast(sum("t0"."fare") as decimal(38, 6)) as "a1", stddev_samp(cast("t0"."distance" as double precision)) as "a2", var_pop("t0"."distance") as "a3" from "public"."flights" "t0"

select "w"."origin", max("w"."temp") - min("w"."temp") as "span" from "public"."weather" "w" where "w"."Wind Speed" between 2 and 9 group by "w"."origin" having count(1) > 10 order by 1

select exists ( select 1 from "public"."flights" "_" where "_"."origin" = 'XXX' ) as "any", not exists ( select 1 from "public"."flights" where false ) as "none"

select * from ( select "_"."id", "_"."origin" from "public"."flights" "_" where 1 = 0 ) "_" limit 0
