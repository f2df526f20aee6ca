-- Objects as rows, rows as objects, keys of objects, casts to row types.
select * from json_to_record('{"a":1,"b":[1,2],"c":"x"}') as x(a int, b int[], c text)
select * from jsonb_to_recordset('[{"a":1,"b":["x",null]},{"a":2,"b":null},{}]') as x(a int, b text[])
select * from json_to_record('{"a":"{1,2}"}') as x(a int[])
select * from json_populate_record(null::devices, '{"device": 5, "model": "x"}')
select * from json_populate_recordset(null::devices, '[{"device": 5, "model": "x"}, {"device": 6}]')
select (json_populate_record(null::devices, '{"device": 5, "model": "x"}')).device
select json_populate_record(null::devices, '{"device": 5, "model": "x"}')
select * from jsonb_populate_record(null::devices, '{"device": 5, "model": "x", "installed": "2020-01-01"}')
select d.device, p.model from devices d, json_populate_record(d, '{"model": "new"}') p where d.device < 3
select null::devices
select row_to_json(row(1, 'a'), true)
select row_to_json(d, true) from devices d where device = 5
select row_to_json(x, false) from (select 1 a, 'b' b) x
select array_to_json(array[1,2], true)
select array_to_json(array[1,2])
select json_object_agg(k, v) from (values ('a', 1), ('b', null), ('a', 2)) x(k, v)
select jsonb_object_agg(k, v) from (values ('a', 1), ('b', null), ('a', 2)) x(k, v)
select json_object_agg(k, v) from (values (null, 1)) x(k, v)
select jsonb_object_agg(k, v) from (values (null::text, 1)) x(k, v)
select json_object_agg(k, v), jsonb_object_agg(k, v) from (values ('a', 1)) x(k, v) where false
select json_object_agg(device, model order by device) from devices where device < 4
select json_object_agg(d.device, d order by device) from devices d where device < 3
select json_object_agg(array[1], 2)
select json_object_agg(1.50, true), json_object_agg(date '2020-01-01', null), json_object_agg(true, 1)
select jsonb_object_agg(1.50, true), jsonb_object_agg(timestamptz '2020-01-01 00:00+00', 'x'::text)
select json_object_agg(distinct model, 1) from devices where model is not null
select json_object_agg(k, v) filter (where v > 1) from (values ('a', 1), ('b', 2)) x(k, v)
select json_build_object('a', 1, 'b', array[1,2], 'c', null, 'd', row(1, 'x'))
select json_build_array(), json_build_object(), json_build_array(null, 'x', 1.50)
select jsonb_pretty('{"a":[1,2,{}],"b":{}}')
select json_strip_nulls('{"a":null,"b":[null,{"c":null}]}')
select json_typeof('null'), jsonb_typeof('[]'), json_array_length('[1,2]')
select * from json_each('{"a":1,"b":null}')
select * from json_each_text('{"a":1,"b":null}')
select * from jsonb_array_elements_text('[1,null,"x"]')
select json_object_keys('{"b":1,"a":2}')
select jsonb_object_keys('{"b":1,"a":2}')
select '{"a":{"b":[1,2]}}'::json #> '{a,b,1}', '{"a":{"b":[1,2]}}'::jsonb #>> '{a,b,-1}'
select jsonb_set('{"a":1}', '{b}', '2'), jsonb_insert('{"a":[1]}', '{a,0}', '0'), '{"a":1}'::jsonb - 'a', '[1,2]'::jsonb - 0, '{"a":{"b":1}}'::jsonb #- '{a,b}'
select '{"a":1}'::jsonb || '{"b":2}', '{"a":1}'::jsonb ? 'a', '{"a":1}'::jsonb ?| array['x','a'], '{"a":1,"b":2}'::jsonb ?& array['a','b']
select '{"a":1,"b":2}'::jsonb @> '{"a":1}', '{"a":1}'::jsonb <@ '{"a":1,"b":2}'
select ('{"a":[1,2]}'::jsonb)['a'][1], ('{"a":1}'::jsonb)['x']
select '{"a":1}'::jsonb = '{"a":1.0}', '[1,2]'::jsonb < '[1,3]', '{"a":1}'::jsonb > '[]'
select jsonb_agg(x order by x desc), json_agg(x), jsonb_agg(distinct x) from (values (1), (2), (2)) v(x)
select json_agg(d) from devices d where device < 3
select jsonb_agg(d) from devices d where device < 3
select json_agg(row(device, model)) from devices where device < 3
select to_jsonb(d), to_json(d) from devices d where device = 5
select ('1'::jsonb)::int, ('1.5'::jsonb)::numeric, ('true'::jsonb)::bool, ('"x"'::jsonb)::int
select jsonb_set_lax('{"a":1}', '{a}', null, true, 'delete_key')
select json_extract_path('{"a":{"b":1}}', 'a', 'b'), jsonb_extract_path_text('{"a":{"b":"x"}}', 'a', 'b')
select x->>'a', sum((x->>'b')::int) from (values ('{"a":"p","b":1}'::json), ('{"a":"p","b":2}')) v(x) group by x->>'a'
select json_array_elements('[1,2]') as e, 5
select json_array_elements('{"a":1}')
select json_object_agg(k, k2) from (values ('a', '{"x":1}'::jsonb), ('b', null)) v(k, k2)
select json_build_object('a', json '{"x" : 1}', null, 1)
select json_build_object('a')
select * from json_to_recordset('[{"a":1},2]') as x(a int)
select * from json_to_recordset('[{"a":{"z":1}}]') as x(a jsonb)
select * from json_to_record('{"a":1,"A":2}') as x("A" int, a text, b date)
select json_object_agg(timestamptz '2020-01-01 00:00+00', 1), json_build_object(timestamp '2020-01-01', 1, date '2020-01-02', 2, true, 3, 1.50, 4), jsonb_build_object(timestamp '2020-01-01', 1, date '2020-01-02', 2, true, 3)
select json_build_object('{"a":1}'::json, 1)
select json_build_object(row(1,2), 1)
select json_object_agg(distinct k, v) from (values ('b',2),('a',null),('a',1),('b',2)) x(k,v)
select row_to_json(row(1, row(2,3)), true)
select row_to_json(null::devices, true), row_to_json(null::devices)
select json_populate_record(null::devices, null) is null, json_populate_record(row(1,'a',null)::devices, null)
select * from json_populate_record(null::devices, null)
select * from json_populate_record(row(7,'b',null)::devices, '{"model":null}')
select '(1,"a b",)'::devices
select '(1,a)'::devices
select row(1,2)::devices
select row('1','2','2020-01-01')::devices
select 5::devices
select * from json_to_record('{"a":5}') as x(a int[])
select * from json_to_record('{"a":{"b":1}}') as x(a int[])
select * from json_to_record('{"a":[{"b":1}]}') as x(a text[])
select * from json_to_record('{"a":[{"b":1}, null]}') as x(a json[], b numeric, c timestamp)
select (null::devices).device, ('(5,x,)'::devices).*
select * from json_populate_record(5, '{"a":1}')
select * from json_populate_recordset(null::devices, '[{"device": 5}, {"model": "y"}]') with ordinality
select * from json_populate_recordset(null::devices, null)
select * from json_to_recordset('[{"a":1.5,"b":"2020-01-01"}]') with ordinality as x(a numeric, b date)
select * from json_to_record(null) as x(a int, b text)
select * from json_to_record('[1]') as x(a int)
select * from json_populate_recordset(null::devices, '{"a":1}')
select d.device, x.* from devices d, json_to_recordset(json_build_array(json_build_object('a', d.device, 'b', d.model))) as x(a int, b varchar(1)) where device < 3
select d.device, x.* from devices d, json_to_recordset(json_build_array(json_build_object('a', d.device, 'b', d.model))) as x(a int, b text) where device < 3
select d.device, x.b from devices d left join lateral json_to_record(json_build_object('a', d.device)) as x(a int, b text) on x.a < 3 where device < 5
select (jsonb_populate_record(d, '{"model": "zz"}')).* from devices d where device < 3
select jsonb_populate_record(d, '{"model": "zz"}') from devices d where device < 3
select row_to_json(jsonb_populate_record(d, '{"model": "zz"}')) from devices d where device < 3
select null::hourly, row('x', now(), 1.5, 1)::hourly is null
select null::public.devices, null::nosuch
select j from (select 1 a) a left join ((select 1 b) b join (select 2 c) c on true) j on j.b = 5
select * from rows from (json_to_recordset('[{"a":1.5,"b":"2020-01-01"},{}]') as (a numeric, b date)) with ordinality

select json_build_array(variadic array['p', null, 'q r']), jsonb_build_array(variadic array[7.50, 8]), json_build_array(variadic null::int[]), json_build_array(variadic '{}'::date[]), json_build_array(0, array[1, 2])

select json_build_object(variadic array['k', null, 'l', 'v']), jsonb_build_object(variadic array[5, 6, 7, 8]), json_build_object(variadic null::text[]), json_build_object(variadic '{}'::text[])

select json_build_object(variadic array['k', 'l', 'm'])

select json_build_object(variadic array[null, 'l'])

select num_nulls(variadic array[4, null, null]), num_nonnulls(variadic array['s', null]), num_nulls(variadic null::int[]), num_nonnulls(variadic '{}'::text[]), num_nulls(null, array[null])

select json '{"k": "p\u0000"}' ->> 'k'

select json '["\ud83dQ"]' ->> 0

select * from json_each_text('{"k": "\u0000"}')

select json '{"k": "\u00e9\ud83d\ude04 \\u0000"}' ->> 'k', json_array_length('["\u0000"]')
