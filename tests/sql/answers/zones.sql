-- Zones in columns.
select t at time zone z, (t at time zone 'UTC') at time zone z from (values (timestamptz '2024-03-10 07:30+00'), ('2024-11-03 05:30+00'), ('2024-11-03 06:30+00'),('infinity'),('-infinity'),(null), ('2150-07-01 00:00+00'), ('0044-03-15 00:00+00 BC'), ('12000-01-01 00:00+00'), ('1890-01-01 00:00+00')) v(t), (values ('America/New_York'), ('Europe/Berlin'), ('UTC'), ('EST'), ('+03'), (null), ('Asia/Kolkata'), ('<+05>-05')) z(z)
select t at time zone z from (values (timestamp '2024-03-10 02:30'), ('2024-11-03 01:30'), ('infinity'), (null)) v(t), (values ('America/New_York'), ('Europe/London')) z(z)
select t at time zone z from (values (timestamp '2024-03-10 02:30')) v(t), (values ('nope')) z(z)
select t at time zone z from (values (timestamp 'infinity')) v(t), (values ('nope')) z(z)
select t at time zone z from (values (null::timestamp)) v(t), (values ('nope')) z(z)
-- Texts of zones: signed numbers that count east (make_timestamptz) or west (AT TIME ZONE), POSIX rules, abbreviations of a place and a time.
select z, make_timestamptz(1988, 4, 3, 21, 40, 7.5, z) from (values ('+3'), ('-3'), ('+4:'), ('+0445'), ('-11:00:30'), ('+9:'), ('+'), ('msk'), ('CEST'), ('Asia/Tokyo'), ('ABC9DEF'), ('ABC9DEF7,M2.1.0,M7.3.0/12'), ('LHDT'), ('+1:00:00:00'), (null)) v(z)
select make_timestamptz(1988, 4, 3, 21, 40, 7.5, '-5'), make_timestamptz(2012, 4, 3, 21, 40, 7.5, 'MSK'), make_timestamptz(2012, 4, 3, 21, 40, 7.5, 'ABC-3DEF')
select make_timestamptz(1988, 4, 3, 21, 40, 7.5, '3')
select make_timestamptz(1988, 4, 3, 21, 40, 7.5, '+17')
select make_timestamptz(1988, 4, 3, 21, 40, 7.5, z) from (values ('-4:61')) v(z)
select g at time zone 'MSK', g at time zone 'sgt', g at time zone 'VOLT', g at time zone 'ABC9DEF', g at time zone 'ABC-9:30DEF,M10.1.0,M4.1.0/3', g::timestamp at time zone 'MSK', g::timestamp at time zone 'YEKT', g::timestamp at time zone 'abc9def' from generate_series(timestamptz '1900-01-01', '2040-01-01', '1234 days 5 hours') g
select g at time zone z, g::timestamp at time zone z from generate_series(timestamptz '1901-01-01', '2040-01-01', '4321 days 5 hours') g, (values ('MSK'), ('lint'), ('ABC9DEF'), ('+3'), ('abc'), ('8:3')) v(z) where z <> 'abc'
select date_trunc('day', g, 'MSK'), date_trunc('month', g, 'ABC9DEF') from generate_series(timestamptz '2010-01-01', '2015-01-01', '199 days 5 hours') g
select timestamp '2001-02-03' at time zone 'ABC168'
select timestamp '2001-02-03' at time zone 'ABC5DEF,M13.1.0,M11.1.0'
