select substring('foobar' from 'foo|foobar'), substring('foobar' from 'a|foo|foob'), regexp_replace('foobar', 'foo|foobar', 'X')
select regexp_match('foobar', 'foo|foobar'), regexp_match('foobar', '(?:foo|foobar)')
select substring('ab' from 'a?(?:ab)?'), substring('aab' from 'a*(?:ab)?')
select regexp_match('abc01234xyz', '(.*)(\d+)(.*)'), regexp_match('abc01234xyz', '(.*?)(\d+)(.*)')
select substring('XY1234Z' from 'Y*([0-9]{1,3})'), substring('XY1234Z' from 'Y*?([0-9]{1,3})')
select regexp_replace('a,b,,c', ',+', '-', 'g'), regexp_replace('aabbb', 'a+?b+', 'X'), regexp_replace('aabbb', 'a+b+?', 'X')
select regexp_split_to_array('a1b22c', '\d+'), regexp_split_to_array('abc', ''), regexp_split_to_array('abc', 'x*'), regexp_split_to_array('xabcx', 'x')
select regexp_replace('ab', 'b*', 'X', 'g'), regexp_replace('abc', '', '-', 'g'), regexp_count('abab', 'b*')
select (regexp_matches('ab', 'b*', 'g'))[1] from (values (1)) t(x)
select regexp_match('foo.bar', '^(.*)\.(.*)$'), regexp_match('/a/b/c', '([^/]*)$'), regexp_match('/a/b/c.txt', '.*/(.*)$'), substring('k=v=w' from '(.*)=')
select regexp_match('2024-05-06', '(\d+)-(\d+)-(\d+)'), regexp_replace('2024-05-06', '(\d+)-(\d+)-(\d+)', '\3/\2/\1')
select regexp_match('fault: E42', '(ok|fault)'), substring('fault: E42' from 'E(\d+)'), substring('sensor-12' from '[a-z]+|\d+')
select substring('abcabc' from 'a.*?c'), substring('abcabc' from 'a.*c'), substring('<a><b>' from '<.*?>'), regexp_match('<a><b>', '<(.*?)>')
select regexp_replace('  x  ', '^\s+|\s+$', '', 'g'), regexp_replace('a-b_c', '[-_]', ' ', 'g'), regexp_replace('(12) 3', '[^0-9]', '', 'g')
select substring('xabcabcd' from 'b(?:c|ca)'), substring('aaa' from 'a{1,2}'), substring('aaa' from 'a{1,2}?')
select regexp_match('aaab', '(a*)(a*b)'), regexp_match('abcd', '(a*)([a-c]*)(.*)')
select regexp_split_to_array('one  two', '\s+|o'), regexp_match('key: value', '(\w+)\s*:\s*(\w+)')
select note, regexp_replace(note, '[^a-z]+', '', 'g'), substring(note from '[a-z]+|[a-z ]+') from readings where device = 2
select regexp_match('foobarbequebaz', '(bar)(beque)'), regexp_match('foobarbequebaz', 'bar.*que'), regexp_matches('foobarbequebazilbarfbonk', '(b[^b]+)(b[^b]+)', 'g')
select regexp_split_to_array('the quick brown fox', '\s*'), regexp_count('ABCABCAXYaxy', 'A.'), regexp_substr('number of your street, town', '[^,]+')
select regexp_replace('foobarbaz', 'b..', 'X'), regexp_replace('foobarbaz', 'b(..)', 'X\1Y', 'g'), regexp_replace('A PostgreSQL', 'a|e|i|o|u', 'X', 'gi')
select regexp_replace('x  y  ', '\s+$|y', '-', 'g'), substring('ab' from 'a|ab$'), substring('abc' from 'a|ab$'), substring('ab' from '(?:a|ab)$')
select regexp_replace('foo bar', '(foo|foob)? ?bar', 'X'), substring('foobar' from '[a-z]{2,4}')
select regexp_replace(s, '^(https?://)?(www\.)?', '') from (values ('https://www.x.y'),('www.x'),('x')) t(s)
select regexp_match('john.doe@example.com', '^([\w.]+)@(\w+)\.com$'), regexp_match('10.5 kB', '^([0-9.]+)\s*([kMG]?B)$')
select regexp_replace('CamelCaseText', '([a-z])([A-Z])', '\1_\2', 'g'), regexp_split_to_array('a, b;c', '[,;]\s*')
select '٣' ~ '\d', 'é' ~ '\w', 'é' ~ '[[:alpha:]]', 'É' ~* 'é', U&'\00a0' ~ '\s', U&'\3000' ~ '\s', 'é' ~ '[[:punct:]]', '٣' ~ '[[:digit:]]', '٣' ~ '\w', '—' ~ '[[:punct:]]', U&'\0085' ~ '\s'
select 'É' ~ '[[:upper:]]', 'É' ~* '[é]', E'\x1c' ~ '\s', E'\x0b' ~ '\s', '٣' ~ '[[:alnum:]]', 'é' ~ '[[:print:]]', 'é' ~ '\W', 'é3' ~ '[\D]3', 'a1é' ~ '^[\w]+$', '²' ~ '\w', 'x' ~* '[[:upper:]]', 'a!' ~ '[^\w]'
select regexp_replace('añb, c3٣', '\W+', '-', 'g'), regexp_replace('añb٣ 12', '[^[:alnum:]]', '', 'g'), regexp_matches('naïve café', '\w+', 'g')
select regexp_replace('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 3, 'i'), regexp_replace('abcabc', 'b', 'X', 3), regexp_replace('abcabc', 'b', 'X', 1, 0), regexp_replace('abcabc', 'b', 'X', 1, 5), regexp_replace('abcabc', '(b)(c)', '\2\1', 1, 2), regexp_replace('abc', '^', 'X', 2)
select regexp_replace('abc', 'b', 'X', 0)
select regexp_replace('abc', 'b', 'X', 1, -1)
select regexp_instr('number of your street, town zip, FR', '[^,]+', 1, 2), regexp_instr('ABCDEFGHI', '(c..)(...)', 1, 1, 0, 'i', 2), regexp_instr('abcabc', 'b'), regexp_instr('abcabc', 'b', 3), regexp_instr('abcabc', 'b', 1, 2, 1), regexp_instr('abc', 'x'), regexp_instr('abc', '(x)?b', 1, 1, 0, '', 1), regexp_instr('abc', 'b', 1, null)
select regexp_instr('abc', 'b', 1, 0)
select regexp_instr('abc', 'b', 1, 1, 2)
select regexp_instr('abc', 'b', 1, 1, 0, 'g')
select regexp_substr('number of your street, town zip, FR', '[^,]+', 1, 2), regexp_substr('ABCDEFGHI', '(c..)(...)', 1, 1, 'i', 2), regexp_substr('abc', 'b', 3), regexp_substr('abc', '(b)', 1, 1, '', 2), regexp_substr('abcb', 'b', 1, 2)
select regexp_count('abc', 'b', 1, 'g')
select regexp_like('abc', 'B', 'i'), regexp_like('abc', 'b'), regexp_count('aAa', 'a', 1, 'i')
select substring('abcdefg' similar 'a#"(b_d)#"%' escape '#'), substring('abcdefg' similar '#"(b_d)#"%' escape '#'), substring('abcdefg' similar 'a#"%#"x|g' escape '#'), substring('abcdefg' similar 'a#"%|ab#"g' escape '#'), substring('abcdefg' similar 'a*#"%#"g*' escape '#'), substring('abcdefg' similar '%' escape '#'), substring('foobar' from '%#"o_b#"%' for '#')
select substring('abcdefg' similar 'a*#"%#"g*#"x' escape '#')
select substring(note similar '[a-z]#"%#"' escape '#') from readings
-- escapes and brackets as PostgreSQL's lexer reads them
select 'K' ~ '^\x004b$', 'K7' ~ '^\x4b7$', 'ø' ~ '^\x00f8$', E'p\bq' ~ 'p\bq', 'p\q' ~ 'p\Bq', E'\x03' ~ '^\cC$', E'\x1b' ~ '\e', 'p' ~ '^\160$', E'\x09' ~ '(p)?\011', '' ~ '\Y'
select 'p' ~ '\x80000000'
select 'p' ~ '[\2]'
select 'p' ~ '[m-p-s]'
select 'p' ~ '[[:digit:]-p]'
select 'p' ~ 'p{3'
select 'p' ~ 'p{2,q}'
select 'p' ~ 'p{300}'
select 'p' ~ '(?=p)*'
select 'p' ~ '(?P<q>p)'
select 'p' ~ '(?>p)'
select 'p' ~ '(?j)p'
select 'p' ~ 'p++'
select 'pq' ~ '(?x)^ p q{ 1 , 2 } $ # both', 'pq' ~ 'p(?#none)q', '\' ~ '[\B]', E'p\nq' ~ '(?n)p[^r]q', E'p\nq' ~ '(?p)p[^r]q', E'p\nq' ~ '(?p)^q', E'p\nq' ~ '(?w)p.q', 'q' ~ '[[.p.]-r]'
select regexp_match('P', '(?c)p', 'i'), regexp_match('P.Q', '***=p.q', 'i'), 'µA' ~* 'µa', 'GROß' ~* 'groß'
-- what lookarounds hold captures nothing
select regexp_match('pqr', 'p(?=(q))(q)(r)'), regexp_match('pqr', 'p(?!(x))(q)'), regexp_replace('pqr', '(?<=(p))(q)', '<\1>')
select 'pqq' ~ 'p(q)(?=\1)'
