-- Paths of SQL/JSON over values that nodes hold as columns.
select count(*) from readings where jsonb_build_object('v', value, 's', site) @? '$ ? (@.v > 20 && @.s starts with "b")'

select site, count(*) from readings where jsonb_build_object('v', value) @@ '$.v > 10' group by site order by site

select device, jsonb_path_query(jsonb_build_array(device, status, note), '$[*] ? (@ != null)') from readings where device < 4

select r.device, q from (select device, jsonb_agg(status order by status) j from readings group by device) r, jsonb_path_query(r.j, '$[last]') q order by 1

select d.device, jsonb_path_query_first(to_jsonb(d), '$.model') m from devices d order by device

select d.device, p.key from devices d cross join lateral jsonb_path_query(to_jsonb(d), '$.keyvalue() ? (@.value != null)') k(j) cross join lateral jsonb_to_record(k.j) p(key text) order by 1, 2

select device, jsonb_path_match(jsonb_build_object('d', device, 'n', note), '$.n like_regex "^[a-z]" && $.d > 2') from readings where device < 6

select d.device, jsonb_path_query_array(to_jsonb(d), '$.* ? (@.type() == "string")') from devices d order by 1

select count(*), min(jsonb_path_query_first(jsonb_build_array(device), '$[0] * 1.50')::numeric), max((jsonb_path_query_first(jsonb_build_array(device), '-$[0]'))::int) from readings

select device, jsonb_path_exists(jsonb_build_object('d', device), '$.d ? (@ == $x)', jsonb_build_object('x', max(device))) from readings group by device order by 1

select d.device from devices d where not exists (select from readings r where jsonb_build_array(r.device) @? '$[*] ? (@ > 3)' and r.device = d.device) order by 1

select jsonb_path_query(jsonb_build_array(site), 'strict $[1]') from readings

select distinct jsonb_path_query(jsonb_build_array(site, site), '$[*]') from readings order by 1
