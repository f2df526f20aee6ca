-- moments that the statement computes; the data end in 2024
select site, count(*) from readings where ts > now() - interval '100 years' group by site order by site

select count(*), min(ts) from readings where ts < current_date - 7 and ts >= current_date - 36500

select count(*) from readings where ts between date_trunc('year', now() - interval '80 years') and localtimestamp

select count(*) filter (where ts > now() - interval '1 hour'), count(*) filter (where day < current_date), count(*) from readings

select r.site, d.model, count(*) from readings r left join devices d on d.device = r.device and r.ts < now() - interval '1 day' group by 1, 2 order by 1, 2

-- constants that are written as more than one
select site, device, count(*) from readings where ts >= date '2024-03-01' - 3 and ts < timestamp '2024-03-05' + interval '12 hours' group by 1, 2 order by 1, 2

select count(*) from readings where ts >= to_timestamp(1709251200 + 86400) and device = 1 + 2

select count(*) from readings where ts in (date '2024-03-01', timestamptz '2024-03-02 00:00+00') or day in (date '2024-03-01' + 1, '2024-02-29')

select count(*) from readings where note = upper('o' || 'k') or note like '%' || chr(105 - 8) || '%'

select count(*) from readings where device = any (string_to_array('1,2,3', ',')::int[])

select count(*) from readings where ts is distinct from date '2024-03-01' and price > 1.5 * 2

select site, count(*) from readings where case when site = 's1' then ts > date '2024-03-01' else day > date '2024-03-01' + 2 end group by site order by site

-- NULL and infinity
select count(*) from readings where ts > now() - null::interval or device = 1 + null

select count(*) from readings where ts < date 'infinity' and ts > timestamp '-infinity'

-- params: {"1": "7", "2": "2024-03-01", "3": "x"}
select count(*) from readings where device = $1::int + 1 or ts < $2::date + interval '1 day' or note = $3::text || 'y'

-- params: {"1": "2024-03-01", "2": "2024-03-03 12:00"}
select site, count(*) from readings where ts >= $1::date and ts < $2::timestamp group by site order by site

select case when 3 <= 2 then 8 / 0 when 'p' <> 'q' then 5 else 7 % 0 end, case 4 when 5 then 1 / 0 else 6 end, 2 > 3 and 1 / 0 = 1, 'x' = 'x' or 1 / 0 = 1 from devices

select array_to_json(array_agg(d order by device), true) from devices d

select to_json(array_agg(row(site, temp) order by temp, site)), to_jsonb(array_agg(row(device) order by device)) from readings where device < 3 and temp > 20 and ts is not null
