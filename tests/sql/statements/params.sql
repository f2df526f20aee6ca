select $1

select $1::int

select $1 + 1, $1

select $1, $1 + 1

select $1 + $1

select $1::int + $1::bigint

select $1::int, $1::text

select $2

select $1, $3

select $1 = 1, $2 = 'a', $3 = now(), 1 = $4

select $1 = $2

select device = $1, model = $2, installed = $3 from devices

select device from devices where device = $1 and model like $2 limit $3 offset $4

select device in ($1, $2), model in ($3), device in (1, $4) from devices

select device = any($1), model = any($2) from devices

select coalesce($1, 1), coalesce(null, $2), greatest($3, 1.5), nullif($4, 1), case when $5 then $6 else 1 end

select case $1 when 1 then 2 end

select case when true then $1 end

select $1 is null

select $1 is true, not $2, $3 and true

select $1 || 'a', 'a' || $2, $3 || $4

select upper($1), length($2), abs($3)

select round($1), round($1, 2)

select date_trunc('day', $1)

select date_trunc('day', $1::timestamptz), extract(year from $2::date)

select now() - $1, now() + $2, installed - $3, installed + $4 from devices

select now() - $1::interval, installed + $2::int from devices

select $1 * interval '1 day', interval '1 day' * $2

select sum($1), count($2), max($3)

select sum($1::int) from devices

select array[$1, $2], array[$3, 1]

select $1[1]

select ($1::int[])[$2]

select row($1, $2), row($1, 1) = row(2, $3)

select (device, model) = ($1, $2) from devices

select (device, model) in (($1, $2), ($3, $4)) from devices

values ($1), ($2)

values ($1, 1), (2, $2)

values ($1), (1)

select $1 union select 1

select 1 union select $1

select $1 union select $2

select $1 union all select $1

select null union select $1

select * from (select $1 as x) q where x = 'a'

select * from (select $1 as x) q where x = 1

select * from (values ($1)) v(x) where x = 1

select * from generate_series(1, $1)

select * from generate_series($1::int, $2, $3)

select * from unnest($1::text[])

select * from unnest($1)

select 1 where $1

select 1 from devices group by $1

select 1 from devices order by $1

select device from devices order by $1, device

select count(*) from devices having count(*) > $1

select device between $1 and $2 from devices

select device from devices limit $1::int

select $1::date + 1, $1::timestamp

select $1::date, $2::date - $1

select cast($1 as numeric(5,2)), $2::varchar(3), $3::timestamptz(0)

select concat($1, 1), concat_ws(',', $2, $3), format($4, $5)

select json_build_object('a', $1)

select jsonb_build_object($1, $2)

select to_json($1)

select $1 = any(array[1,2]), $2 = any('{1}')

select $1 in (select device from devices), device in (select $2) from devices

select exists (select 1 from devices where device = $1)

select (select $1), (select $2::int)

with t as (select $1 as x) select x from t

with t as (select $1::int as x) select x + $2 from t

select lag(device, $1, $2) over (order by device) from devices

select sum(device) over (order by device rows $1 preceding) from devices

select substring($1 from $2 for $3), substring($4, $5), position($6 in $7)

select $1 at time zone 'UTC'

select $1::timestamptz at time zone $2

select $1 like $2, $3 ~ 'a', model like $4 escape $5 from devices

select $1 collate "C"

select $1::regclass

select $1::json ->> $2, $3::jsonb -> $4, '{}'::jsonb @> $5

select -$1, -$2::int

select $1 - 1, 1.5 * $2, 1::float8 / $3, $4 % 2

select $0

select $1 < $1

select distinct $1

select distinct on ($1) device from devices

select make_interval(days => $1)

select percentile_cont($1) within group (order by device) from devices

select string_agg(model, $1) from devices

select device from devices where ($1 is null or device = $1)

select device from devices where ($1::int is null or device = $1)

select device from devices where device = coalesce($1, device)

select interval $1

select date $1
