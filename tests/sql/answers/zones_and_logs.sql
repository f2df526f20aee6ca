select log(3.0, 7.0), log(2, 64), log(10.5, 1e10), log(1.000001, 2), log(0.5, 8), log(2.0, 3.00000), log(99999, 1.00001), log(7.5, 1e-30), log(12345678901234567890, 3), log(1000.0), log(1.0000000001)
select ts at time zone z from readings, (values ('UTC'),('Europe/Berlin'),('EST'),('CET'),('EST5EDT'),('UTC+3'),('<X>+2'),('cest'),('europe/berlin')) v(z) where device = 1
select timestamp '2024-07-01 12:00' at time zone z from (values ('UTC'),('Europe/Berlin'),('EST'),('CET'),('EST5EDT'),('UTC+3'),('cest')) v(z)
select timestamp '2024-03-31 02:30' at time zone z, timestamp '2024-10-27 02:30' at time zone z from (values ('Europe/Berlin'),('America/New_York')) v(z)
select timestamp 'infinity' at time zone z, timestamptz '-infinity' at time zone z from (values ('Europe/Berlin'),(null)) v(z)
select timestamp '2024-07-01 12:00' at time zone z from (values ('bogus')) v(z)
select b::timestamptz at time zone 'MSK' from (values (timestamp '2024-07-01 12:00')) v(b)
