select site, temp from readings group by site

select site from readings group by temp

select * from readings group by site

select r.site, r.temp from readings r group by r.site

select r from readings r group by site

select site || 'x' from readings group by site

select site || 'x' from readings group by site || 'x'

select site || 'y' from readings group by site || 'x'

select upper(site), lower(site) from readings group by upper(site)

select temp + 1 + hum from readings group by temp + 1, hum

select hum + (temp + 1) from readings group by temp + 1, hum

select round(price, 1) from readings group by round(price, 1.0)

select round(price, 1), price * 1.0 from readings group by round(price, 1), price * 1.00

select device, model from devices group by device

select count(*), device from devices

select device from devices having count(*) > 1

select 1 from devices having true

select 1 from devices having device = 1

select count(*) from devices having model = 'a'

select model, count(*) from devices group by model having device > 1

select model m, count(*) c from devices group by m having c > 1

select model, count(*) from devices group by model order by device

select model, count(*) from devices group by model order by max(device)

select model from devices group by model order by count(*), model

select distinct model from devices group by model order by count(*)

select distinct model, count(*) c from devices group by model order by c

select distinct model from devices order by device

select distinct on (model) device from devices order by model, device

select distinct on (model) device from devices order by device

select distinct on (model, device) device from devices order by device

select distinct on (1) model, device from devices order by model

select distinct on (3) model, device from devices

select distinct on (nope) model from devices

select distinct json '1' from devices

select distinct array[model] from devices

select distinct row(model) from devices

select json '1' from devices group by 1

-- fedgate: 42883
select 1 from devices order by json '1'

select json_agg(1) from devices order by 1

select count(distinct json '1') from devices

select count(*) from devices where count(*) > 1

select 1 from devices a join devices b on count(*) > 1

select count(count(*)) from devices

select sum(rank() over ()) from devices

select rank() over (order by rank() over ()) from devices

select rank() over (order by count(*)) from devices group by model

select sum(count(*)) over () from devices

select sum(device) over (), count(*) from devices

select count(*) from devices group by count(*)

select count(*) from devices group by rank() over ()

select 1 from devices limit count(*)

select 1 from devices limit device

select 1 from devices limit 1 + 1 offset '2'

select 1 from devices limit 1.5

select 1 from devices limit 'x'

select 1 from devices limit true

select 1 from devices limit null

select 1 from devices limit all offset null

select 1 from devices limit (select 1)

select 1 from devices fetch first row only

-- fedgate: 42601
select 1 from devices fetch first 2 rows with ties

select 1 from devices order by 1 fetch first 2 rows with ties

select 1 from devices order by 1 fetch first null rows with ties

-- fedgate: 0A000
select device from devices order by 1 for update

select sum(model) from devices

select sum(installed) from devices

select sum('1') from devices

select avg(true) from devices

select sum(device), sum(device::smallint), sum(device::bigint), sum(device::numeric), sum(1.5), sum(1::real), sum(1::float8), avg(device), avg(1.5), avg(1::real), avg(interval '1 day'), sum(interval '1 day'), min(model), max(installed), count(*), count(model), bool_and(true), bit_and(1), stddev(1), variance(1.5), var_pop(1::float8), corr(1, 2), covar_pop(1, 2), regr_slope(1, 2), string_agg(model, ','), array_agg(model), json_agg(model), jsonb_object_agg(model, 1), min(array[1]), max(now()), mode() within group (order by model), percentile_cont(0.5) within group (order by device), percentile_disc(0.5) within group (order by device), percentile_cont(array[0.5]) within group (order by device), every(true), max(1::smallint), min('a'::varchar), max('a'::char(3)), max('x'), min(1.5::numeric(4,2)) from devices

select min(true) from devices

select min(json '1') from devices

select max(row(1)) from devices

select string_agg(device, ',') from devices

select string_agg(model) from devices

select string_agg(model, ',' order by device), string_agg(distinct model, ',' order by model), array_agg(distinct device order by device desc) from devices

select string_agg(distinct model, ',' order by device) from devices

select count(distinct *) from devices

select count() from devices

select count(device, model) from devices

select sum(*) from devices

select sum(distinct device), count(distinct model), sum(device) filter (where model = 'a') from devices

select sum(device) filter (where 1) from devices

select sum(device) filter (where count(*) > 1) from devices

select sum(device) filter (where model) from devices

select percentile_cont(0.5) from devices

select percentile_cont(0.5, device) from devices

select percentile_cont(0.5) within group (order by model) from devices

select percentile_cont('x') within group (order by device) from devices

select percentile_cont(0.5, 0.6) within group (order by device) from devices

select percentile_cont(device) within group (order by device) from devices

select percentile_disc(0.5) within group (order by model desc) from devices

select mode(1) within group (order by model) from devices

select sum(device) within group (order by model) from devices

select rank(1) within group (order by device), dense_rank('a') within group (order by model), percent_rank(1, 'a') within group (order by device, model), cume_dist(1.5) within group (order by device) from devices

select rank('x') within group (order by device) from devices

select rank(1, 2) within group (order by device) from devices

select rank() within group (order by device) from devices

select mode() within group (order by device) over () from devices

select model, device, count(*) from devices group by rollup (model, device)

select model, device, count(*), grouping(model, device), grouping(device) from devices group by cube (model, device)

select model, count(*) from devices group by grouping sets ((model), ())

select model, device from devices group by grouping sets (rollup (model), cube (device))

select model, count(*) from devices group by model, grouping sets ((device), ())

select model, device, installed from devices group by rollup ((model, device), installed)

select model, grouping(device) from devices group by model

select grouping(model) from devices

select grouping(model + 1) from devices group by cube (model)

select model, device from devices group by grouping sets (model)

select count(*) from devices group by ()

select model from devices group by ()

select model from devices group by distinct model, rollup (model, device)

select device + 1 from devices group by rollup (device + 1)

select device from devices group by rollup (device + 1)

select 1 from devices group by rollup (1)

select (select count(*) from readings r where r.device = d.device) from devices d group by d.device

select (select count(*) from readings r where r.device = d.device) from devices d group by d.model

select (select d.device) from devices d group by d.model

select (select max(d.device)) from devices d

select (select max(d.device)) from devices d group by d.model

select (select max(d.device + r.device) from readings r) from devices d

select (select max(d.device) from readings r), d.model from devices d

select (select count(*) from readings r where r.device = max(d.device)) from devices d

select (select count(*) from readings r group by r.device having max(d.device) > 1 limit 1) from devices d

select d.device from devices d where d.device = (select max(d.device))

select max((select max(r.device) from readings r)) from devices

select max((select max(d.device) from readings r)) from devices d

select model, (select sum(device)) from devices group by model

select model, exists (select 1 where max(device) > 1) from devices group by model

select model from devices group by model having exists (select 1 from readings r where r.device = max(devices.device))

select device in (select device from readings group by device having count(*) > 1) from devices

select model, rank() over (partition by model order by device) from devices

select model, rank() over w, sum(device) over (w rows 1 preceding) from devices window w as (partition by model order by device)

select rank() over nope from devices

select rank() over w from devices window w as (order by nope)

select 1 from devices window w as (order by nope)

select 1 from devices window w as (), w as ()

select rank() over (w partition by device) from devices window w as (partition by model)

select rank() over (w order by device) from devices window w as (order by model)

select rank() over (w order by device) from devices window w as (partition by model)

select rank() over (w) from devices window w as (order by device rows 1 preceding)

select rank() over (w) from devices window w as (order by device)

select rank() over w2 from devices window w as (partition by model), w2 as (w order by device)

select rank() from devices

select lag(device) over (order by device), lag(device, 1) over (), lag(device, 1, 0) over (), lead(model, 1, 'x') over (), first_value(model) over (), last_value(device) over (), nth_value(device, 2) over (), ntile(4) over (), row_number() over (), percent_rank() over (), cume_dist() over (), dense_rank() over (), count(*) over (), sum(device) over (order by device), avg(device) over (rows between 1 preceding and 1 following), lag(device, 1, 1.5) over () from devices

select lag(device, 1, 'x') over () from devices

select ntile('x') over () from devices

select row_number(1) over () from devices

select sum(device) over (order by device range between 1 preceding and 1 following), sum(device) over (order by installed range between '1 day' preceding and interval '1 day' following), sum(device) over (order by device groups 1 preceding), sum(device) over (order by device::numeric range 1.5 preceding), sum(device) over (order by device::numeric range 1 preceding), sum(device) over (order by device rows '1' preceding) from devices

select sum(device) over (range 1 preceding) from devices

select sum(device) over (order by device, model range 1 preceding) from devices

select sum(device) over (order by model range 1 preceding) from devices

select sum(device) over (order by installed range 1 preceding) from devices

select sum(device) over (order by device range 1.5 preceding) from devices

select sum(device) over (groups 1 preceding) from devices

select sum(device) over (rows 1.5 preceding) from devices

select sum(device) over (rows device preceding) from devices

select sum(device) over (rows 'x' preceding) from devices

select sum(device) over (rows between current row and unbounded preceding) from devices

select sum(device) over (rows between 1 following and current row) from devices

select sum(device) over (rows 1 preceding exclude ties) from devices

select sum(distinct device) over () from devices

select string_agg(model, ',' order by model) over () from devices

select rank() filter (where true) over () from devices

select sum(device) filter (where device > 1) over () from devices

select sum(device) over (partition by 1 order by 'x') from devices

select device from devices where rank() over () = 1

select device from devices group by device having rank() over () = 1

select device from devices order by rank() over (order by device)

select distinct rank() over (order by device) r from devices order by r

select generate_series(1, 2) from devices group by 1

select count(generate_series(1, 2)) from devices

select sum(x) from (select generate_series(1, 2) x) q

select device from devices where generate_series(1, 2) = 1

select generate_series(1, device), model from devices order by generate_series(1, device)

select case when true then generate_series(1, 2) end from devices

select coalesce(generate_series(1, 2), 1)

select 1 from devices limit generate_series(1, 2)

select 1 from devices having generate_series(1, 2) = 1

select 1 from devices a join devices b on generate_series(1, 2) = 1

select * from (values (generate_series(1, 2))) v

select generate_series(1, generate_series(1, 2))

select * from generate_series(1, generate_series(1, 2))

-- fedgate: 0A000
select rank() over (order by generate_series(1, 2)) from devices

select lag(generate_series(1, 2)) over () from devices

select model, device, installed from devices group by ((model, device), installed)

select count(distinct '1') from devices

select sum(device) over (order by device, (device) range 1 preceding) from devices
