select (((+ hum) * (1.5::float4 - null::float4)) - (abs(hum) * (hum + hum))) from readings where device between 1 and 3
select ((hum * 2::float4 + hum) * hum / 3::float4) from readings where device between 1 and 3
select x / 0 from (values ('nan'::float8)) t(x)
select (x + 1) / (x * 0 + y) from (values ('nan'::float8, 0::float8)) t(x,y)
select (x + 1) / y from (values ('inf'::float8, 0::float8)) t(x,y)
select (x + 1) / y from (values ('-inf'::float8, 5::float8), (null, 0), ('nan', 0), (2, 4)) t(x,y)
select (temp + 1) / (temp - 2) * 3 from readings where device = 1
select (x - 1) / (x - 1) from (values (1::float8)) t(x)
select (x * 1e30::float4) * 1e30::float4 from (values (1e10::float4)) t(x)
select x / y from (values ('nan'::float4, 0::float4)) t(x,y)
