select substring(note, device + status) from readings where device < 4
select split_part(site, note, null::int4) from readings where device = 1
select array_position(array[3, 1], 1, x) from (values (null::int)) t(x)
select '7'::jsonb || '{"a": 1}'::jsonb, '{"a": 1}'::jsonb || '[1]'::jsonb
select null::numeric * log(price, 100.00) from readings where device = 1
