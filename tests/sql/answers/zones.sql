-- Zones in columns.
select t at time zone z, (t at time zone 'UTC') at time zone z from (values (timestamptz '2024-03-10 07:30+00'), ('2024-11-03 05:30+00'), ('2024-11-03 06:30+00'),('infinity'),('-infinity'),(null), ('2150-07-01 00:00+00'), ('0044-03-15 00:00+00 BC'), ('12000-01-01 00:00+00'), ('1890-01-01 00:00+00')) v(t), (values ('America/New_York'), ('Europe/Berlin'), ('UTC'), ('EST'), ('+03'), (null), ('Asia/Kolkata'), ('<+05>-05')) z(z)
select t at time zone z from (values (timestamp '2024-03-10 02:30'), ('2024-11-03 01:30'), ('infinity'), (null)) v(t), (values ('America/New_York'), ('Europe/London')) z(z)
select t at time zone z from (values (timestamp '2024-03-10 02:30')) v(t), (values ('nope')) z(z)
select t at time zone z from (values (timestamp 'infinity')) v(t), (values ('nope')) z(z)
select t at time zone z from (values (null::timestamp)) v(t), (values ('nope')) z(z)
