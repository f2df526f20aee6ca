-- "char" is one byte: the first of a text, or \ooo
select '\132'::"char", '\351'::"char", '\000'::"char"::text, '\432'::"char", 'ü'::"char", 'xyz'::"char", '{q,"\\302",rst}'::"char"[]
select x::"char", x::"char"::text, x::"char"::integer from (values ('xyz'), ('\132'), ('ü'), (''), ('\351'), ('\12'), (null)) v(x)
select 90::"char", (-3)::"char", 0::"char", x::"char" from (values (120), (-128)) v(x)
select x::"char" from (values (128)) v(x)
select x from (values ('k'::"char"), ('\351'), ('~'), (''), ('\202')) v(x) order by x
select 'k'::"char" < '\351'::"char", '\'::"char" < '\200'::"char", 'ü'::"char" = '\303'::"char", 'k'::"char" in ('k', '\351')
select array['xyz', '\132']::text[]::"char"[], note::"char" from readings
-- a name has 63 bytes
select repeat('n', 70)::name, repeat('ü', 40)::text::name, x::name, array[x]::name[], string_to_array(x, ',')::name[], x::name || 'm', x::name = repeat('n', 63) from (values (repeat('n', 66))) v(x)
select count(distinct x::name), max(x::name) from (values (repeat('n', 66)), (repeat('n', 67))) v(x)
