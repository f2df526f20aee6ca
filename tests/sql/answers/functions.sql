select substring(note, device + status) from readings where device < 4
select split_part(site, note, null::int4) from readings where device = 1
select array_position(array[3, 1], 1, x) from (values (null::int)) t(x)
select '7'::jsonb || '{"a": 1}'::jsonb, '{"a": 1}'::jsonb || '[1]'::jsonb
select null::numeric * log(price, 100.00) from readings where device = 1
select corr(temp, total), regr_slope(temp, hum), covar_pop(hum, temp), regr_r2(temp, total), corr(1.0::float8, 2) from readings
select convert_to('é', 'latin1'), convert_from('\xc3a9', 'UTF8')
