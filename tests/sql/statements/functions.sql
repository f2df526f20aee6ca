select abs(-1), abs(-1.5), abs('-1'), abs(-1::smallint), abs(1::real)

select abs('x')

select abs(true)

select abs()

select abs(1, 2)

select foo()

select foo(1, 'a', null, 1.5)

select round(1.5), round(1.5::float8), round(1.555, 2), round(1), round('1.5'), round(1::bigint, 1)

select round(1.5::float8, 1)

select round(1.5, 2.5)

select round(1.5, '2')

select trunc(1.5), ceil(1), ceil(1.5), ceiling(1.5::real), floor(1::bigint), sign(-1), sqrt(4), power(2, 3), power(2.0, 3), exp(1), ln(2), log(10), log(2, 8), mod(5, 2), mod(5::bigint, 2), mod(5.5, 2), div(5, 2), gcd(4, 6), pi(), random(), degrees(1), sin(1), atan2(1, 2), width_bucket(1, 2, 3, 4), width_bucket(1.5, 2, 3, 4), cbrt(8), factorial(5), scale(1.5), min_scale(1.50), trim_scale(1.50)

select mod(5.5::float8, 2)

select upper('a'), upper(note), lower('a'::varchar), initcap('a'), length('a'), length(note), length('a'::char(3)), char_length('a'), octet_length('a'), bit_length('a'), substr('abc', 1), substr('abc', 1, 2), substring('abc', 2), substring('abc' from 'b'), substring('abc' from 2 for 1), left('a', 1), right('a', 1), lpad('a', 2), lpad('a', 2, 'b'), rpad('a', 2), repeat('a', 2), replace('a', 'b', 'c'), translate('a', 'b', 'c'), strpos('a', 'b'), position('a' in 'b'), split_part('a', 'b', 1), reverse('a'), concat('a', 1, null), concat_ws(',', 'a', 1), format('%s', 1), format('x'), md5('a'), ascii('a'), chr(65), to_hex(5), quote_ident('a'), quote_literal('a'), quote_literal(1), quote_nullable(null), starts_with('a', 'b'), btrim('a'), btrim('a', 'b'), ltrim('a'), rtrim('a', 'b'), trim(both from 'a'), overlay('a' placing 'b' from 1 for 2), encode('a', 'hex'), decode('a', 'hex'), regexp_replace('a', 'b', 'c'), regexp_match('a', 'b'), regexp_matches('a', 'b'), regexp_split_to_array('a', 'b'), string_to_array('a', 'b'), array_to_string(array[1], ','), to_char(1, '9'), to_char(1.5, '9'), to_char(ts, 'YYYY'), to_char(day, 'YYYY'), to_char(interval '1 day', 'DD'), to_number('1', '9'), to_date('a', 'b'), to_timestamp('a', 'b'), to_timestamp(1) from readings

select upper(1)

select length(5)

select substr(1, 2)

select substring(1 from 2)

select lpad('a', 'b')

select concat()

select concat(variadic array['a', 'b']), concat_ws(',', variadic array['a']), format('%s', variadic array[1])

select concat(variadic 'a')

select greatest(variadic array[1])

select upper(variadic array['a'])

select date_trunc('day', ts), date_trunc('day', day), date_trunc('day', ts::timestamp), date_trunc('day', ts - ts), date_trunc('day', ts, 'UTC'), date_part('year', ts), date_part('year', day), age(ts), age(ts, ts), age(ts::timestamp, ts::timestamp), age(day), make_date(1,2,3), make_time(1,2,3), make_timestamp(1,2,3,4,5,6), make_timestamptz(1,2,3,4,5,6), make_interval(), make_interval(1), make_interval(days => 1), make_interval(1, hours => 2), justify_days(interval '1 day'), isfinite(day), isfinite(ts), timezone('UTC', ts), date_bin('1 day', ts, ts), extract(dow from day), to_timestamp(1.5) from readings

select date_trunc('day', '2024-01-01')

select date_trunc(1, ts) from readings

select make_interval(nope => 1)

select make_interval(days => 1, days => 2)

select make_interval(days => 1, 2)

select make_interval(1, years => 2)

select date_bin('1 day', '2024-01-01', '2024-01-01')

select generate_series(1, 2), generate_series(1, 2, 1), generate_series(1.5, 2), generate_series(1::bigint, 2), generate_series(now(), now(), '1 day'), generate_series(timestamp '2024-01-01', '2024-01-02', '1 day'), generate_series('2024-01-01', now(), '1 day'), unnest(array[1]), unnest(array['a']), unnest('{1}'::int[])

select generate_series(1, 'x')

select generate_series(date '2024-01-01', date '2024-01-02', '1 day')

select unnest(1)

select unnest('{1}')

select unnest(array[1], array[2])

select array_length(array[1], 1), array_upper(array[1], 1), cardinality(array[1]), array_append(array[1], 2), array_prepend(1, array[2]), array_cat(array[1], array[2]), array_remove(array[1], 1), array_replace(array[1], 1, 2), array_position(array[1], 1), array_positions(array[1], 1), array_fill(1, array[2]), array_ndims(array[1]), array_dims(array[1]), trim_array(array[1], 1), array_append(array[1], 2.5), array_append(null, 1), array_append(array['a'], 'b')

select array_append(array[1], 'x')

select array_append(1, 2)

select array_length(1, 1)

select array_position(array[1], 1.5)

select array_position(array[1], 'a')

select json_build_object('a', 1), jsonb_build_object('a', 1), json_build_array(1, 'a'), to_json(1), to_jsonb('a'::text), row_to_json(r), row_to_json(row(1)), json_agg(r) over (), jsonb_set('{}', '{a}', '1'), jsonb_set('{}', '{a}', '1', false), jsonb_insert('{}', '{a}', '1'), jsonb_pretty('{}'), json_typeof('1'), jsonb_array_length('[]'), jsonb_extract_path('{}', 'a'), jsonb_extract_path_text('{}', 'a', 'b'), jsonb_strip_nulls('{}') from readings r

select to_json('a')

select json_build_object(1)

select jsonb_object_keys('{}'), jsonb_array_elements('[]'), jsonb_array_elements_text('[]')

select jsonb_each('{}')

select * from jsonb_each('{}')

select * from jsonb_each('{}') as t(a)

select * from jsonb_each('{}') as t

select t from jsonb_each('{}') as t

select * from json_each_text('{"a":1}') j where j.key = 'a'

select * from json_to_record('{"a":1}') as t(a int, b text)

select * from jsonb_to_recordset('[]') as t(a int, b numeric(3,1))

select * from json_to_record('{"a":1}')

select * from json_to_record('{"a":1}') as t(a)

select * from generate_series(1, 2) as t(a int)

select * from generate_series(1, 2)

select * from generate_series(1, 2) g

select g, g.g from generate_series(1, 2) g

select g, g.* from generate_series(1, 2) with ordinality g

select * from generate_series(1, 2) g(x) where x > 1

select * from unnest(array[1,2]) with ordinality

select * from unnest(array[1,2]) with ordinality as u(v, n)

select * from unnest(array[1,2], array['a','b']) as u

select * from unnest(array[1,2], array['a','b']) with ordinality as u(a, b)

select * from rows from (generate_series(1,2), generate_series(1,3)) as t(a, b)

select * from rows from (generate_series(1,2), unnest(array['a'])) with ordinality

select * from rows from (jsonb_each('{}'), generate_series(1,2)) t

select * from upper('a')

select * from upper('a') u

select * from upper('a') as u(x)

select * from now()

select * from current_date

select * from coalesce(1, 2)

select * from devices d, generate_series(1, d.device) g

select * from devices d, unnest(array[d.device]) with ordinality

select * from devices d left join generate_series(1, d.device) g on true

select * from generate_series(1, device) g, devices

select * from count(*)

select * from sum(1)

select * from string_to_table('a,b', ',')

select * from regexp_matches('a', 'b') m

select * from regexp_split_to_table('a', 'b')

select * from pg_get_keywords() limit 1

select * from pg_typeof(1)

select int4('1'), text(1), date('2024-01-01'), float8(1), numeric(1.5), bool('t'), timestamptz('2024-01-01'), name('a'), int8(1.5), varchar('a'), int4(1.5), text('a')

select int('1')

select integer('1')

select date(1)

select text(array[1]), text(row(1))

select coalesce()

select nullif(1)

select length(distinct 'a')

select length('a') filter (where true)

select length('a') over ()

select upper('a' order by 1)

select upper(*)

select now(1)

select bool_and(true), every(true)

select pg_sleep(0), pg_table_is_visible(1), format_type(23, null), obj_description(1, 'pg_class'), pg_get_userbyid(10), has_table_privilege('readings', 'select'), pg_get_expr(null, 0), pg_encoding_to_char(6), current_setting('TimeZone'), set_config('a.b', 'c', false), txid_current(), pg_is_in_recovery()

select substring('abc' similar 'a' escape '#')

select 'a' is normalized

select normalize('a'), normalize('a', nfd)

-- fedgate: 0A000
select xmlelement(name a)

-- fedgate: 0A000
select xmlparse(document '<a/>')

-- fedgate: 0A000
select 1 is document

select grouping(1)

select merge_action()

-- fedgate: 42601
select json_object('a': 1)

select json_array(1, 2)

-- fedgate: 42601
select '1' is json

select json_scalar(1)

select any_value(1)

select array_shuffle(array[1])

-- fedgate: 42601
select ts at local from readings

select cast('1' as integer), cast(1 as text), cast(null as date), treat(1 as integer)

select localtime(1)

select collation for ('a')

select jsonb_path_query('{}', '$')
