-- The type: what is read, how it is written.
select '$'::jsonpath, 'strict $'::jsonpath, 'lax $.a'::jsonpath, ' $ . a . "b c" [ * ] '::jsonpath, '$.*.**'::jsonpath, jsonpath '$.a'
select '$.**{2}'::jsonpath, '$.**{2 to 3}'::jsonpath, '$.**{last}'::jsonpath, '$.**{last to 2}'::jsonpath, '$.**{0 to last}'::jsonpath, '$.**{1 to last}'::jsonpath
select '$[0, 1 to 2, last, last - 1 to last]'::jsonpath, '$[$.a + 1]'::jsonpath, '$[Last]'::jsonpath, '$[$ ? (@ == last)]'::jsonpath
select '--1'::jsonpath, '- -1'::jsonpath, '-(-1)'::jsonpath, '+1'::jsonpath, '-"a"'::jsonpath, '-$.a'::jsonpath, '(-$).a'::jsonpath, '-(1).a'::jsonpath, '(-1).type()'::jsonpath
select '1 - (2 - 3)'::jsonpath, '1 - 2 - 3'::jsonpath, '1 * (2 + 3)'::jsonpath, '(1 * 2) + 3'::jsonpath, '1 + -2 % 3'::jsonpath, '-1 * 2'::jsonpath, '($.a + 1).b'::jsonpath, '((1))'::jsonpath
select '($.a * 1).b + 2'::jsonpath, '($.a * 2).floor() - 1'::jsonpath, '(1 > 2).type()'::jsonpath, 'exists(($ == 1).type())'::jsonpath, '(exists($)).type()'::jsonpath, '(!($ == 1)).type()'::jsonpath
select '$.a == 1 && $.b > 2 || !($.c < 3)'::jsonpath, '1 == 1 || (2 == 2 && 3 == 3)'::jsonpath, '(1 == 1 || 2 == 2) && 3 == 3'::jsonpath, '1 == 1 || 2 == 2 || 3 == 3'::jsonpath, '1 == 1 || (2 == 2 || 3 == 3)'::jsonpath
select '1 <> 2'::jsonpath, '1 != 2'::jsonpath, '$ ? (@ >= 1) ? (@ <= 2)'::jsonpath, '($ > 1) is unknown'::jsonpath, '((1 == 1) is unknown) is unknown'::jsonpath, 'exists ($.a)'::jsonpath
select '$ ? (@ starts with "a")'::jsonpath, '$ ? (@ starts with $x)'::jsonpath, '$ ? (@ like_regex "a.c")'::jsonpath, '$ ? (@ like_regex "a" flag "mis")'::jsonpath, '$ ? (@ like_regex "a" flag "qxx")'::jsonpath, '1 + 1 like_regex "2"'::jsonpath
select '1e3'::jsonpath, '1.50'::jsonpath, '.5'::jsonpath, '1.'::jsonpath, '1e-5'::jsonpath, '0.0'::jsonpath, '-0'::jsonpath, '123456789012345678901234567890'::jsonpath
select '$"a b".type()'::jsonpath, '$x'::jsonpath, '$.abs.floor()'::jsonpath, '$.type.size'::jsonpath, '$.datetime()'::jsonpath, '$.datetime("yyyy")'::jsonpath, '$.strict.last.true'::jsonpath, 'null.type()'::jsonpath, 'true'::jsonpath
select '"\u0041\x42\u{43}\ud83d\ude00"'::jsonpath, '"\b\f\n\r\t\v\/\a\"\\"'::jsonpath, '$.\u0061b'::jsonpath, '$.a\x41\.b'::jsonpath, '$."ä"'::jsonpath
select '/* a */ $ /* b */ . /* c */ a'::jsonpath, '$.a /* b */'::jsonpath
select '$.a'::text::jsonpath, '$.a'::jsonpath::text, '{$.a,"$.b","$.c ? (@ > 1)"}'::jsonpath[], array['$'::jsonpath, null], pg_typeof('$'::jsonpath), coalesce(null, '$.a'::jsonpath)
select x::jsonpath from (values ('$.a'), ('strict $[0]'), (null)) v(x)
select length(('$.a')::jsonpath::text), '$.a'::jsonpath || '!', concat('$.a'::jsonpath, 1), to_json('$.a'::jsonpath), quote_literal('$.a'::jsonpath)
select ''::jsonpath
select '   '::jsonpath
select '$.'::jsonpath
select '$ a'::jsonpath
select '$[]'::jsonpath
select '$[1'::jsonpath
select '$.a b'::jsonpath
select '$.**{-1}'::jsonpath
select '$.**{4294967296}'::jsonpath
select '1 > 2 > 3'::jsonpath
select '(1 > 2) == true'::jsonpath
select '!1'::jsonpath
select '!!(1 > 2)'::jsonpath
select '$ ? (@)'::jsonpath
select '$.a && $.b'::jsonpath
select '$ == 1 is unknown'::jsonpath
select 'last'::jsonpath
select '$ ? (last == 1)'::jsonpath
select '@'::jsonpath
select '$[@]'::jsonpath
select '1.type()'::jsonpath
select '00'::jsonpath
select '1a'::jsonpath
select '1e'::jsonpath
select '1e+'::jsonpath
select '1e200000'::jsonpath
select '$.datetime(1)'::jsonpath
select '"abc'::jsonpath
select '$ /* a'::jsonpath
select '"\u00"'::jsonpath
select '"\u0000"'::jsonpath
select '"\ud83d"'::jsonpath
select '"\ude00"'::jsonpath
select '"\u{110000}"'::jsonpath
select '"\x4"'::jsonpath
select '$ ? (@ starts with @)'::jsonpath
select '$ ? (@ like_regex $a)'::jsonpath
select '$ ? (@ like_regex "(")'::jsonpath
select '$ ? (@ like_regex "a" flag "z")'::jsonpath
select '$ ? (@ like_regex "a" flag "x")'::jsonpath
select x::jsonpath from (values ('$ ? (@ like_regex "(")')) v(x)
select '1'::jsonpath = '1'::jsonpath
select distinct '1'::jsonpath
select '1'::jsonpath order by 1
select max('1'::jsonpath)
select '1'::jsonpath::int
select 1::jsonpath
-- Operators, which are silent.
select jsonb '{"a":[1,2]}' @? '$.a[*] ? (@ > 1)', jsonb '{"a":[1,2]}' @@ '$.a[*] > 1', jsonb '{"a":[1,2]}' @? '$.b', jsonb '{"a":[1,2]}' @@ '$.b > 1', jsonb '{"a":[1,2]}' @@ '$.a'
select jsonb '1' @? 'strict $.a', jsonb '1' @@ 'strict $.a == 1', jsonb '[1]' @? 'strict $[1]', jsonb '"x"' @@ '$ + 1 == 2', jsonb '1' @? '$ / 0', jsonb '1' @@ '$ / 0 == 1', jsonb 'null' @@ '$'
select jsonb '1' @? '$x', jsonb '1' @@ '$x == 1', jsonb '1' @@ '$x == null', null::jsonb @? '$', jsonb '1' @? null
select '[1]' @? '$[0]'
select a @? b from (values (jsonb '{"a":1}', '$.a'::jsonpath), ('{"b":1}', '$.a'), ('[{"a":1}]', '$.a'), ('[{"a":1}]', 'strict $.a'), (null, '$')) v(a, b)
select not jsonb '{"a":1}' @? '$.a', count(*) filter (where jsonb '{"a":1}' @@ '$.a == 1') from generate_series(1, 3)
select json '1' @? '$'
select jsonb '1' @? text '$'
select jsonb '1' @@ 'a'
select jsonb_path_exists_opr('{"a":1}', '$.a'), jsonb_path_match_opr('{"a":1}', '$.a == 1')
-- Functions, their defaults and names.
select jsonb_path_exists('{"a":1}', '$.a'), jsonb_path_exists('{"a":1}', '$.b'), jsonb_path_exists('{"a":1}', '$.a ? (@ > $x)', '{"x":0}'), jsonb_path_exists('{"a":1}', '$.a', silent => true), jsonb_path_exists('{"a":1}', '$.a', vars => '{}', silent => false)
select jsonb_path_exists('{"a":1}', 'strict $.b', silent => true), jsonb_path_exists('1', '$', null), jsonb_path_exists(null, '$'), jsonb_path_exists('1', null), jsonb_path_exists('1', '$', '{}', null)
select jsonb_path_exists('{"a":1}', 'strict $.b')
select jsonb_path_match('{"a":1}', '$.a == 1'), jsonb_path_match('{"a":1}', 'exists($.b)'), jsonb_path_match('{"a":"x"}', '$.a > 1'), jsonb_path_match('true', '$'), jsonb_path_match('null', '$'), jsonb_path_match('1', '$', '{}', true)
select jsonb_path_match('1', '$')
select jsonb_path_match('[true, true]', '$[*]')
select jsonb_path_match('[]', '$[*]')
select jsonb_path_query('[1,2,3]', '$[*]'), jsonb_path_query_array('[1,2,3]', '$[*] ? (@ > 1)'), jsonb_path_query_first('[1,2,3]', '$[*] ? (@ > 1)')
select jsonb_path_query_array('[1,2,3]', '$[*] ? (@ > 9)'), jsonb_path_query_first('[1,2,3]', '$[*] ? (@ > 9)'), jsonb_path_query_first('null', '$'), jsonb_path_query_array('{}', 'strict $.a', '{}', true)
select jsonb_path_query('[1]', '$[*] ? (@ > 9)')
select * from jsonb_path_query('{"a":[1,{"b":2}]}', '$.a[*]')
select * from jsonb_path_query('{"a":[1,{"b":2}]}', '$.a[*]') with ordinality
select x, x ->> 'b' from jsonb_path_query('[{"b":1},{"b":"c"}]', '$[*]') as f(x)
select v.n, q from (values (1, jsonb '[1,2]'), (2, '[]'), (3, '[3]'), (4, null)) v(n, j), lateral jsonb_path_query(j, '$[*]') q
select v.n, q from (values (1, jsonb '[1,2]'), (2, '[]')) v(n, j) left join lateral jsonb_path_query(j, '$[*]') q on true
select n, jsonb_path_query(j, '$[*]') from (values (1, jsonb '[1,2]'), (2, '[]'), (3, '[3]')) v(n, j)
select jsonb_path_query(j, '$[*] ? (@ >= $n)', jsonb_build_object('n', n)) from (values (2, jsonb '[1,2,3]'), (3, '[1,2,3]')) v(n, j)
select q, count(*) from jsonb_path_query('[1,1.0,2]', '$[*]') q group by q order by q
select sum(q::int), string_agg(q::text, ',') from jsonb_path_query('[3,4]', '$[*]') q
select * from rows from (jsonb_path_query('[1,2]', '$[*]'), generate_series(1, 3)) r(a, b)
select jsonb_path_query('[1,"a",2]', '$[*].abs()', silent => true), pg_typeof(jsonb_path_query('1', '$'))
select jsonb_path_query('[1,"a",2]', '$[*].abs()')
select jsonb_path_exists('1', '$x')
select jsonb_path_query('1', '$x', '{"y":1}', true)
select jsonb_path_query('1', '$', '[]')
select jsonb_path_query('1', '$', '1', true)
select jsonb_path_query('1', '$x', '{"x":{"a":[1.50]}}'), jsonb_path_query('1', '$"x y".a', '{"x y":{"a":2}}')
select jsonb_path_query(json '1', '$')
select jsonb_path_query('1')
select jsonb_path_query('1', '$', '{}', 'x')
select proname, jsonb_path_query_first('{"a":1}', '$.a') from (values ('x')) p(proname)
-- Accessors, lax and strict.
select jsonb_path_query_array('[{"a":1},{"a":[2,3]},4]', '$.a'), jsonb_path_query_array('[{"a":1},{"a":[2,3]}]', '$[*].a[*]'), jsonb_path_query_array('{"a":[{"b":1},{"b":2}]}', '$.a.b'), jsonb_path_query_array('[[{"a":1}]]', '$.a')
select jsonb_path_query_array('{"b":2,"a":1,"cc":3}', '$.*'), jsonb_path_query_array('[{"a":1},{"b":2}]', '$.*'), jsonb_path_query_array('1', '$.*'), jsonb_path_query_array('{"a":1}', '$[*]'), jsonb_path_query_array('1', '$[*]')
select jsonb_path_query_array('[1,2,3,4]', '$[0]'), jsonb_path_query_array('[1,2,3,4]', '$[1 to 2]'), jsonb_path_query_array('[1,2,3,4]', '$[last]'), jsonb_path_query_array('[1,2,3,4]', '$[last - 1 to last]'), jsonb_path_query_array('[1,2,3,4]', '$[2 to 1]'), jsonb_path_query_array('[1,2,3,4]', '$[3, 0 to 1, 9]'), jsonb_path_query_array('[1,2,3,4]', '$[-1 to 1]'), jsonb_path_query_array('[1,2,3,4]', '$[1.9]'), jsonb_path_query_array('7', '$[0]'), jsonb_path_query_array('7', '$[last]'), jsonb_path_query_array('[]', '$[last]')
select jsonb_path_query_array('{"i":1,"a":["x","y"]}', '$.a[$.i]'), jsonb_path_query_array('[[1,2],[3]]', '$[*][last]'), jsonb_path_query_array('[1,[2,[3]]]', '$.**'), jsonb_path_query_array('[1,[2,[3]]]', '$.**{1}'), jsonb_path_query_array('[1,[2,[3]]]', '$.**{1 to 2}'), jsonb_path_query_array('[1,[2,[3]]]', '$.**{last}'), jsonb_path_query_array('[1,[2,[3]]]', '$.**{2 to last}')
select jsonb_path_query_array('{"a":{"b":{"a":5}}}', '$.**.a'), jsonb_path_query_array('{"a":{"b":{"a":5}}}', 'strict $.**.a'), jsonb_path_query_array('{"a":[{"a":1}]}', 'lax $.**.a'), jsonb_path_query_array('{"a":[{"a":1}]}', 'strict $.**.a')
select jsonb_path_query('{"a":1}', 'strict $.b')
select jsonb_path_query('1', 'strict $.b')
select jsonb_path_query('[{"a":1}]', 'strict $.a')
select jsonb_path_query('1', 'strict $.*')
select jsonb_path_query('1', 'strict $[*]')
select jsonb_path_query('1', 'strict $[0]')
select jsonb_path_query('[1]', 'strict $[1]')
select jsonb_path_query('[1]', 'strict $[1 to 0]')
select jsonb_path_query('[1]', '$["a"]')
select jsonb_path_query('[1]', '$[1, "a"]')
select jsonb_path_query('[1]', '$[$.*]')
select jsonb_path_query('[1]', '$[10000000000]')
select jsonb_path_query('[1,{"a":2}]', 'strict $[*].a', silent => true)
select jsonb_path_query('[{"a":2},1,{"a":3}]', 'strict $[*].a', silent => true)
select jsonb_path_exists('[{"a":1},2]', 'lax $[*].a'), jsonb_path_exists('[{"a":1},2]', 'strict $[*].a', silent => true), jsonb_path_exists('[1,"a"]', '$[*].abs()'), jsonb_path_exists('[1,"a"]', 'strict $[*].abs()', silent => true)
-- Filters: three-valued logic.
select jsonb_path_query_array('[1,"2",null,true,[1],{"a":1}]', '$[*] ? (@ == 1)'), jsonb_path_query_array('[1,"2",null,true]', '$[*] ? (@ != 1)'), jsonb_path_query_array('[1,"2",null,true]', '$[*] ? ((@ > 1) is unknown)'), jsonb_path_query_array('[1,"2",null,true]', '$[*] ? (!(@ > 1))'), jsonb_path_query_array('[null,1]', '$[*] ? (@ == null)'), jsonb_path_query_array('[null,1]', '$[*] ? (@ >= null)')
select jsonb_path_query('1', '$ == "1"'), jsonb_path_query('1', '($ == "1").type()'), jsonb_path_query('[]', '$ == $'), jsonb_path_query('{}', '$ == $'), jsonb_path_query('true', '$ > false'), jsonb_path_query('"b"', '$ > "a"'), jsonb_path_query('"é"', '$ > "z"'), jsonb_path_query('1.0', '$ == 1.00')
select jsonb_path_query('[1,2]', '$[*] == 2'), jsonb_path_query('[1,2]', 'strict $[*] == 2'), jsonb_path_query('[1,"a"]', '$[*] == 1'), jsonb_path_query('[1,"a"]', 'strict $[*] == 1'), jsonb_path_query('["a",1]', '$[*] == 1'), jsonb_path_query('["a",1]', '$[*] == 2'), jsonb_path_query('[1,2]', '$ == 2'), jsonb_path_query('[1,2]', 'strict $ == 2')
select a, b, jsonb_path_query_array(jsonb_build_array(a, b), '$ ? ((@[0] == true) && (@[1] == true))') = '[]' n, jsonb_path_match(jsonb_build_array(a, b), '($[0] == 1) && ($[1] == 1)') x, jsonb_path_match(jsonb_build_array(a, b), '($[0] == 1) || ($[1] == 1)') y, jsonb_path_match(jsonb_build_array(a, b), '!($[0] == 1)') z from (values (jsonb '1'), ('0'), ('"x"')) p(a), (values (jsonb '1'), ('0'), ('"x"')) q(b)
select jsonb_path_query_array('[{"a":1,"b":2},{"a":3}]', '$[*] ? (exists(@.b))'), jsonb_path_query_array('[{"a":1,"b":2},{"a":3}]', '$[*] ? (!exists(@.b)).a'), jsonb_path_query_array('[{"a":1,"b":2},{"a":3}]', 'strict $[*] ? (exists(@.b)).a'), jsonb_path_query_array('[{"a":1,"b":2},{"a":3}]', 'strict $[*] ? ((exists(@.b)) is unknown).a'), jsonb_path_query_array('[{"a":[1,5]},{"a":[2]}]', '$[*] ? (@.a[*] > 3 && @.a[*] < 2)')
select jsonb_path_query_array('[{"a":[{"b":1},{"b":2}]},{"a":[{"b":3}]}]', '$[*] ? (@.a[*] ? (@.b > 2).b == 3)'), jsonb_path_query_array('{"t":2,"a":[1,2,3]}', '$.a[*] ? (@ >= $.t)'), jsonb_path_query_array('[[1,2,3],[4,5]]', '$[*] ? (@[last] > 3)'), jsonb_path_query_array('[[1,2,3],[4,5]]', '$ ? (@.size() == 2)'), jsonb_path_query_array('[1,2,3]', 'strict $ ? (@[*] > 2)')
select jsonb_path_query_array('["abc","abd","b",1]', '$[*] ? (@ starts with "ab")'), jsonb_path_query_array('["abc"]', '$[*] ? (@ starts with $p)', '{"p":"abc"}'), jsonb_path_query_array('["abc",1]', '$[*] ? ((@ starts with "x") is unknown)'), jsonb_path_query('"abc"', '$ starts with ""'), jsonb_path_query('1', '$ starts with "1"')
select jsonb_path_query_array('["abc","ABC","a\nc","a.c"]', '$[*] ? (@ like_regex "^a.c$")'), jsonb_path_query_array('["abc","ABC","a\nc"]', '$[*] ? (@ like_regex "^a.c$" flag "i")'), jsonb_path_query_array('["abc","a\nc"]', '$[*] ? (@ like_regex "^a.c$" flag "s")'), jsonb_path_query_array('["x\nabc"]', '$[*] ? (@ like_regex "^abc$" flag "m")'), jsonb_path_query_array('["x\nabc"]', '$[*] ? (@ like_regex "^abc$")'), jsonb_path_query_array('["a.c","abc","A.C"]', '$[*] ? (@ like_regex "a.c" flag "q")'), jsonb_path_query_array('["a.c","abc","A.C"]', '$[*] ? (@ like_regex "a.c" flag "iq")'), jsonb_path_query_array('["a1","b"]', '$[*] ? (@ like_regex "\\d")'), jsonb_path_query_array('[1,"a"]', '$[*] ? ((@ like_regex "a") is unknown)')
-- Arithmetic, as numeric.
select jsonb_path_query('7', '$ / 2'), jsonb_path_query('7', '$ / 3'), jsonb_path_query('1.50', '$ * 2.0'), jsonb_path_query('1.50', '$ + 1'), jsonb_path_query('1.50', '$ - 1.5'), jsonb_path_query('-7', '$ % 3'), jsonb_path_query('-7.5', '$ % 2'), jsonb_path_query('[2]', '$ * 3'), jsonb_path_query('[2]', '$[0] + $[0]'), jsonb_path_query('1', '-$'), jsonb_path_query('0', '-$'), jsonb_path_query('1', '2 + 3 * 4 - -1')
select jsonb_path_query_array('[1,2,3]', '-$[*]'), jsonb_path_query_array('[1,2,3]', '+$'), jsonb_path_query_array('{"a":[2]}', '3 * $.a'), jsonb_path_query('{"a":[1,2]}', '($.a[0] + $.a[1]) / 2'), jsonb_path_query('3', '($ * 2).floor() - 1'), jsonb_path_query('12345678901234567890', '$ * 98765432109876543210'), jsonb_path_query('1e-10', '$ / 3e10'), jsonb_path_exists('[1,"a"]', '-$'), jsonb_path_exists('["a",1]', '-$')
select jsonb_path_query('1', '$ / 0')
select jsonb_path_query('1', '$ % 0')
select jsonb_path_query('1', '$ / 0', silent => true)
select jsonb_path_query('"a"', '$ + 1')
select jsonb_path_query('1', '1 + $.a')
select jsonb_path_query('[1,2]', '$[*] + 1')
select jsonb_path_query('"a"', '-$')
select jsonb_path_query('"a"', '+$[0]')
select jsonb_path_query('1e131071', '$ * 10')
-- Methods.
select jsonb_path_query_array('[null,true,1,"a",[],{}]', '$[*].type()'), jsonb_path_query('[1,2]', '$.type()'), jsonb_path_query('1', '($ > 0).type()'), jsonb_path_query('[1,2]', '$.size()'), jsonb_path_query('1', '$.size()'), jsonb_path_query_array('[[1],[],2]', '$[*].size()')
select jsonb_path_query_array('[-1.50,0,2.5]', '$.abs()'), jsonb_path_query_array('[-1.50,-0.5,0,2.5]', '$[*].floor()'), jsonb_path_query_array('[-1.50,-0.5,0,2.5]', '$[*].ceiling()'), jsonb_path_query_array('["1.50","1e3"," 2 ",3.10]', '$.double()'), jsonb_path_query('"1.123456789012345678901"', '$.double()'), jsonb_path_query('1.123456789012345678901', '$.double()'), jsonb_path_query('"0x10"', '$.double()', silent => true)
select jsonb_path_query('{"b":1,"a":"x"}', '$.keyvalue()'), jsonb_path_query_array('[{"a":1},{"b":2,"c":{"d":3}}]', '$.keyvalue()'), jsonb_path_query_array('{"a":{"x":1.5},"bcd":{"y":"zz","w":[1,{"q":0}]}}', '$.*.keyvalue()'), jsonb_path_query_array('{"a":{"x":{"y":1}}}', '$.keyvalue().value.keyvalue()'), jsonb_path_query('1', '$v.x.keyvalue()', '{"v":{"x":{"z":1}}}'), jsonb_path_query_array('{"a":1,"b":2}', '$.keyvalue() ? (@.value > 1).key'), jsonb_path_query_array('{}', '$.keyvalue()')
select jsonb_path_query('{"n":[0,1,10000,123456789.123456789,1e70,1e-70,-5],"k":{"z":true}}', '$.k.keyvalue()')
select jsonb_path_query('"a"', '$.abs()')
select jsonb_path_query('[[1]]', '$.floor()')
select jsonb_path_query('null', '$.double()')
select jsonb_path_query('"x"', '$.double()')
select jsonb_path_query('"nan"', '$.double()')
select jsonb_path_query('1e400', '$.double()')
select jsonb_path_query('1', 'strict $.size()')
select jsonb_path_query('[]', 'strict $.abs()')
select jsonb_path_query('1', '$.keyvalue()')
select jsonb_path_query('[{"a":1}]', 'strict $.keyvalue()')
-- Moments.
select jsonb_path_query_array('["2017-03-10","2017-3-1"," 12:34:56 ","12:34:56.789","12:34:56+3","12:34:56.7-03:10","2017-03-10 12:34:56","2017-03-10T12:34:56.5","2017-03-10 12:34:56+03:30","2017-03-10T12:34:56.123456-1"]', '$[*].datetime()'), jsonb_path_query_array('["2017-03-10","12:34:56","12:34:56+3","2017-03-10 12:34:56","2017-03-10T12:34:56+3"]', '$[*].datetime().type()'), jsonb_path_query('"0000-01-01"', '$.datetime()')
select jsonb_path_query('"10.03.2017"', '$.datetime("dd.mm.yyyy")'), jsonb_path_query('"10-03-2017 t 12:34:56"', '$.datetime("dd-mm-yyyy \"t\" HH24:MI:SS")'), jsonb_path_query('"12:00:00 pm"', '$.datetime("HH12:MI:SS pm")'), jsonb_path_query('"2017"', '$.datetime("yyyy")'), jsonb_path_query('"12:34:56 +05:20"', '$.datetime("HH24:MI:SS TZH:TZM")'), jsonb_path_query('"12:00:00.1236 "', '$.datetime("HH24:MI:SS.FF3")'), jsonb_path_query('"10 Mar 2017 23:59:59.9999"', '$.datetime("DD Mon YYYY HH24:MI:SS.FF3")'), jsonb_path_query('"2017-070"', '$.datetime("YYYY-DDD")')
select jsonb_path_query_array('["2017-03-09","2017-03-10","2017-03-11"]', '$[*].datetime() ? (@ >= "10.03.2017".datetime("dd.mm.yyyy"))'), jsonb_path_query_array('["12:00:00","13:00:00"]', '$[*].datetime() ? (@ < "12:30:00".datetime())'), jsonb_path_query_array('["2017-03-10 00:00:00","2017-03-10T00:00:01"]', '$[*].datetime() ? (@ == "2017-03-10".datetime())'), jsonb_path_query_array('["12:00:00+01","11:00:00+00","11:00:00-01"]', '$[*].datetime() ? (@ <= "12:00:00+01".datetime())'), jsonb_path_query('"2017-03-10"', '$.datetime() == "12:00:00".datetime()'), jsonb_path_query('"2017-03-10"', '$.datetime() == "2017-03-10"')
select jsonb_path_query_array_tz('["2017-03-10","2017-03-10 00:00:00","2017-03-10 01:00:00"]', '$[*].datetime() ? (@ == "2017-03-10 01:00:00+01".datetime())'), jsonb_path_query_tz('["12:00:00","11:00:00"]', '$[*].datetime() ? (@ > "12:30:00+01".datetime())'), jsonb_path_exists_tz('"2017-03-10"', '$.datetime() ? (@ < "2017-03-10 12:00:00+00".datetime())'), jsonb_path_match_tz('"2017-03-10"', '$.datetime() < "2017-03-10 12:00:00+00".datetime()'), jsonb_path_query_first_tz('1', '$ + $x', '{"x":2}')
select * from jsonb_path_query_tz('["2017-03-10","2017-03-12"]', '$[*].datetime() ? (@ < "2017-03-11 12:00:00+00".datetime())')
select jsonb_path_query('"2017-03-10"', '$.datetime() < "2017-03-10 12:00:00+00".datetime()')
select jsonb_path_query('"12:00:00"', '$.datetime() < "12:00:00+00".datetime()', silent => true)
select jsonb '"2017-03-10 12:00:00"' @@ '$.datetime() < "2017-03-10 12:00:00+00".datetime()'
select jsonb_path_query('1', '$.datetime()')
select jsonb_path_query('"bogus"', '$.datetime()')
select jsonb_path_query('"2017-02-30"', '$.datetime()')
select jsonb_path_query('"12:34"', '$.datetime()')
select jsonb_path_query('"24:00:00"', '$.datetime()')
select jsonb_path_query('"2017-02-30"', '$.datetime("yyyy-mm-dd")')
select jsonb_path_query('"2017-02-30"', '$.datetime("yyyy-mm-dd")', silent => true)
select jsonb_path_query('"2017-02-20"', '$.datetime("yyyy-mm-dd HH24")')
select jsonb_path_query('"2017-02-20 1"', '$.datetime("yyyy-mm-dd")')
select jsonb_path_query('"2017/02/20"', '$.datetime("yyyy-mm-dd")')
select jsonb_path_query('"2017-02-20"', '$.datetime("yyyyamm")')
select jsonb_path_query('"2017-02-20"', '$.datetime("yyyyamm")', silent => true)
select jsonb_path_query('"2017 +3"', '$.datetime("yyyy TZH")')
select jsonb_path_query('"2017"', '$.datetime("")')
select jsonb_path_query('"aa"', '$.datetime("HH24")')
select jsonb_path_query('"12 x"', '$.datetime("HH24 \"y\"")')
select jsonb_path_query('"10"', '$.datetime("IW")')
select jsonb_path_query('"59 10"', '$.datetime("MI IW")')
