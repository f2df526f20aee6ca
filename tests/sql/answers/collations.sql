-- COLLATE "C" has the letters of ASCII alone, wherever the collation comes from
select upper('ärger ß x' collate "C"), lower('ÄRGER İ X' collate "C"), initcap('élan VITAL ünd x1y' collate "C")
select upper(n collate "C"), lower(n collate "C"), initcap(n collate "C") from (values ('ärger'), ('ÀB c'), (null), ('straße ſ K')) v(n)
select n, n collate "C" ilike 'Ä%', n collate "C" ~* 'ä', n collate "C" ~ '\w', n ~ '[[:alpha:]]' collate "C", n ilike '%B%' collate "C", n collate "C" ~* 'k' from (values ('ärger'), ('ÀB c'), (null), ('straße ſ K'), ('K')) v(n)
select n, n collate "C" !~* 'ä', n collate "C" not ilike 'ä%', n collate "C" similar to 'ä\w*', n collate "C" ~ '^\W+$' from (values ('ärger'), ('ÀB c'), ('éé'), ('\u00e9')) v(n)
select regexp_replace(n collate "C", '\w', 'x', 'g'), regexp_match(n collate "C", '\w+'), substring(n collate "C" from '\w+'), regexp_replace(n collate "C", 'É', 'x', 'gi') from (values ('ärger'), ('ÀB c'), ('éé a')) v(n)
select regexp_matches(n collate "C", '[[:upper:]]', 'g') from (values ('ärgÉr X'), ('ÀB c'), ('éé a')) v(n)
select regexp_split_to_table(n collate "C", '\s+') from (values ('a  b'), ('a b'), ('éé a')) v(n)
select regexp_count(n collate "C", '\w'), regexp_like(n collate "C", 'É', 'i'), regexp_instr(n collate "C", 'b'), regexp_substr(n collate "C", '[[:lower:]]+') from (values ('ärgér b'), ('ÀB c'), ('éé a')) v(n)
select n collate "C" ~ '[[:space:]]', n collate "C" ~ '[[:punct:]]', n collate "C" ~ '\d', n collate "C" ~* '[à-é]', n collate "C" ~* '[a-z]+$' from (values ('é b'), ('«'), ('٣'), ('É'), ('AB')) v(n)
select n collate "C" = 'x', n collate "C" < 'É', max(n collate "C"), count(*) from (values ('é b')) v(n) group by 1, 2
select upper((n || 'é') collate "C"), upper((n collate "C") || 'é'), upper(coalesce(n collate "C", 'é')), upper(case when true then n collate "C" end), upper(x.m) from (select n, n collate "C" as m from (values ('é b')) v(n)) x
select upper(concat(n collate "C", 'é')), upper(substr(n collate "C", 1, 3)), upper(lower(n collate "C")), upper(n collate "C"::text), upper(n collate "C"::varchar(3)) from (values ('é b')) v(n)
select name from (values ('É'), ('é')) v(name) where upper(name collate "C") = 'É'
select upper(n collate "C" collate "default"), upper((n collate "C") || (n collate "default")) from (values ('é b')) v(n)
select upper((n collate "C" collate "default")) from (values ('é b')) v(n)
select upper(m), m ~* 'É', m ilike 'É%', m ~ '\w\s' from (select n collate "C" as m from (values ('é b')) v(n)) x
with w as (select n collate "C" as m from (values ('é b')) v(n)) select upper(m), upper(w.m || 'é'), (select upper(m) from w) from w
with w as (select n collate "C" as m from (values ('é b')) v(n) union select 'éé') select upper(m) from w
select upper(m) from (values ('é' collate "C"), ('ü')) v(m)
select upper(max(n collate "C")), upper(max(n) collate "C"), max(upper(n collate "C")), string_agg(upper(n collate "C"), 'é') from (values ('é b')) v(n)
select upper(n collate "C") from (values ('é b'), ('É b')) v(n) group by n collate "C" order by 1
select upper(n collate "C") || 'é', count(*) from (values ('é b'), ('É b')) v(n) group by upper(n collate "C") order by 1
select upper((select n collate "C" from (values ('é b')) v(n))), upper((array['é' collate "C"])[1]), upper(((n collate "C") = 'x')::text || 'é') from (values ('é b')) v(n)
select upper(length(n collate "C")::text || 'é'), upper(to_char(1, '9') || 'é'), upper(n::text collate "C") from (values ('é b')) v(n)
select upper(x) from unnest(array['é' collate "C"]) x
select lower(n collate "C") like lower('É%' collate "C"), n collate "C" like 'É%', n like 'é%' collate "C" from (values ('é b'), ('É b')) v(n)
select n from (values ('é b'), ('É b')) v(n) where lower(n collate "C") = 'É b' and n collate "C" !~* 'é'
select n ilike 'X\Éa%' collate "C", n ilike 'xaÉ%' escape 'a', n ilike 'xAÉ%' collate "C" escape 'A' from (values ('xéa'), ('XÉA')) v(n)
select regexp_replace(n collate "C", '(\w+) (\w+)', '\2 \1'), regexp_split_to_array(n collate "C", '\W'), n collate "C" ~ '\yb', n collate "C" ~ 'é\M', n collate "C" ~ '^[[:^alpha:]]', n collate "C" ~ '^[^[:alpha:]]' from (values ('éa b'), ('É b')) v(n)
select n collate "C" ~ E'\x01', regexp_match(n collate "C", null), regexp_match('a', 'a', 'ÿ') from (values ('éa b')) v(n)
select regexp_match(n collate "C", 'É', 'i'), regexp_match(n collate "C", '(?i)B'), regexp_match(n collate "C", '***:(?i)B'), regexp_match(n collate "C", '***=b') from (values ('éa b')) v(n)
select upper(c collate "C"), c ilike 'É%' collate "C", c ~* 'É' collate "C", lower(c::char(5) collate "C") from (values ('é b'::char(6))) v(c)
select upper('É'::name collate "C"), lower('É'::varchar(4) collate "POSIX"), initcap('éa' collate ucs_basic), upper(null collate "C")
select array_agg(upper(x.m)) from (select n collate "C" m, row_number() over () from (values ('é b')) v(n)) x
select upper(first_value(n collate "C") over ()), upper(lag(n collate "C") over ()) from (values ('é b'), ('é c')) v(n)
select upper(coalesce(nullif(n collate "C", 'x'), n)), upper(greatest(n collate "C", 'é')), upper(case n collate "C" when 'x' then 'é' else 'é' end) from (values ('é b')) v(n)
select '1' similar to '\d', 'a1' similar to 'a\d', 'w' similar to '\w', 'd' similar to 'xd' escape 'x', '%' similar to '\%', 'ab' similar to '[\w]+', '7' similar to 'x\7' escape 'x'
select substring(n collate "C" similar '%#"\w+#"%' escape '#'), substring(n collate "C" similar '#"[[:alpha:]]+#"%' escape '#'), substring(n collate "C", 2), substring(n collate "C" from 2 for 1) from (values ('éa b'), ('aé')) v(n)
select upper(x), y from rows from (unnest(array['é' collate "C"]), unnest(array['é'])) f(x, y)
