-- The tables of TPC-H, small, with values drawn so that each of its queries has rows to answer with.
-- draw(seed, n): one of 0 … n-1, the same in every run.
create function draw(seed text, n integer) returns integer language sql immutable
  return ((('x' || substr(md5(seed), 1, 7))::bit(28)::integer) % n);
create function among(seed text, choices text[]) returns text language sql immutable
  return choices[1 + draw(seed, cardinality(choices))];

create table region (r_regionkey integer, r_name char(25), r_comment varchar(152));
insert into region select i - 1, name, 'of the world' from
  unnest(array['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST']) with ordinality as t(name, i);

create table nation (n_nationkey integer, n_name char(25), n_regionkey integer, n_comment varchar(152));
insert into nation
select i - 1, name, region, 'of region ' || region
from unnest(
  array['ALGERIA', 'ARGENTINA', 'BRAZIL', 'CANADA', 'EGYPT', 'ETHIOPIA', 'FRANCE', 'GERMANY', 'INDIA', 'INDONESIA', 'IRAN', 'IRAQ', 'JAPAN',
    'JORDAN', 'KENYA', 'MOROCCO', 'MOZAMBIQUE', 'PERU', 'CHINA', 'ROMANIA', 'SAUDI ARABIA', 'VIETNAM', 'RUSSIA', 'UNITED KINGDOM',
    'UNITED STATES'],
  array[0, 1, 1, 1, 4, 0, 3, 3, 2, 2, 4, 4, 2, 4, 0, 0, 0, 1, 2, 3, 4, 2, 3, 3, 1]
) with ordinality as t(name, region, i);

create table supplier (
  s_suppkey integer, s_name char(25), s_address varchar(40), s_nationkey integer, s_phone char(15), s_acctbal numeric(15,2),
  s_comment varchar(101)
);
insert into supplier
select i, 'Supplier#' || lpad(i::text, 9, '0'), 'Street ' || draw('sa' || i, 900), nation, (10 + nation) || '-555-' || lpad(i::text, 4, '0'),
  draw('sb' || i, 1100000) / 100.0 - 999, case when i % 9 = 0 then 'slow Customer, many Complaints' else 'quick deliveries' end
from (select i, case when i % 4 = 0 then 7 when i % 4 = 1 then 20 else draw('sn' || i, 25) end as nation from generate_series(1, 40) i) s;

create table part (
  p_partkey integer, p_name varchar(55), p_mfgr char(25), p_brand char(10), p_type varchar(25), p_size integer, p_container char(10),
  p_retailprice numeric(15,2), p_comment varchar(23)
);
insert into part
select i,
  among('p1' || i, array['forest', 'green', 'almond', 'blush', 'ivory']) || ' ' || among('p2' || i, array['green', 'forest', 'lime', 'puff', 'rose']),
  'Manufacturer#' || 1 + draw('pm' || i, 5), 'Brand#' || among('pb' || i, array['12', '23', '34', '45', '55']),
  among('pt' || i, array['ECONOMY ANODIZED', 'MEDIUM POLISHED', 'PROMO BURNISHED', 'STANDARD PLATED', 'SMALL BRUSHED']) || ' '
    || among('pu' || i, array['STEEL', 'BRASS', 'TIN', 'COPPER', 'NICKEL']),
  among('ps' || i, array['1', '3', '4', '5', '9', '14', '15', '19', '23', '36', '45', '49'])::integer,
  among('pc' || i, array['SM', 'MED', 'LG', 'JUMBO', 'WRAP']) || ' ' || among('pd' || i, array['CASE', 'BOX', 'BAG', 'PACK', 'PKG']),
  900 + draw('pr' || i, 120000) / 100.0, 'part ' || i
from generate_series(1, 400) i;

create table partsupp (ps_partkey integer, ps_suppkey integer, ps_availqty integer, ps_supplycost numeric(15,2), ps_comment varchar(199));
insert into partsupp
select p, 1 + (p + s * 9) % 40, 1 + draw('pa' || p || '/' || s, 9999), 1 + draw('pp' || p || '/' || s, 99900) / 100.0, 'no comment'
from generate_series(1, 400) p, generate_series(0, 3) s;

create table customer (
  c_custkey integer, c_name varchar(25), c_address varchar(40), c_nationkey integer, c_phone char(15), c_acctbal numeric(15,2),
  c_mktsegment char(10), c_comment varchar(117)
);
insert into customer
select i, 'Customer#' || lpad(i::text, 9, '0'), 'Road ' || i, nation, (10 + nation) || '-777-' || lpad(i::text, 4, '0'),
  draw('cb' || i, 1100000) / 100.0 - 999, among('cs' || i, array['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD']),
  'customer ' || i
from (select i, draw('cn' || i, 25) as nation from generate_series(1, 300) i) c;

create table orders (
  o_orderkey integer, o_custkey integer, o_orderstatus char(1), o_totalprice numeric(15,2), o_orderdate date, o_orderpriority char(15),
  o_clerk char(15), o_shippriority integer, o_comment varchar(79)
);
insert into orders
select i, 1 + draw('oc' || i, 200), 'O', 0, date '1992-01-01' + draw('od' || i, 2400),
  among('op' || i, array['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW']), 'Clerk#' || lpad(draw('ok' || i, 50)::text, 9, '0'), 0,
  case when i % 11 = 0 then 'the special packages and requests' else 'ordinary' end
from generate_series(1, 1000) i;

create table lineitem (
  l_orderkey integer, l_partkey integer, l_suppkey integer, l_linenumber integer, l_quantity numeric(15,2), l_extendedprice numeric(15,2),
  l_discount numeric(15,2), l_tax numeric(15,2), l_returnflag char(1), l_linestatus char(1), l_shipdate date, l_commitdate date,
  l_receiptdate date, l_shipinstruct char(25), l_shipmode char(10), l_comment varchar(44)
);
insert into lineitem
select o_orderkey, part, 1 + (part + draw('lk' || seed, 4) * 9) % 40, line, quantity, round(quantity * (900 + draw('pr' || part, 120000) / 100.0), 2),
  draw('ld' || seed, 11) / 100.0, draw('lx' || seed, 9) / 100.0,
  case when shipped + 10 <= date '1995-06-17' then among('lr' || seed, array['R', 'A']) else 'N' end,
  case when shipped > date '1995-06-17' then 'O' else 'F' end, shipped, o_orderdate + 30 + draw('lc' || seed, 61),
  shipped + 1 + draw('lv' || seed, 30), among('li' || seed, array['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN']),
  among('lm' || seed, array['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB']), 'line'
from (
  select o_orderkey, o_orderdate, line, o_orderkey || '/' || line as seed, 1 + draw('lp' || o_orderkey || '/' || line, 400) as part,
    1 + draw('lq' || o_orderkey || '/' || line, 50) as quantity, o_orderdate + 1 + draw('ls' || o_orderkey || '/' || line, 121) as shipped
  from orders, generate_series(1, 7) line
  where line <= 1 + draw('ln' || o_orderkey, 7)
) as lines;

create index lines on lineitem (l_orderkey);
update orders set
  o_totalprice = (select round(sum(l_extendedprice * (1 + l_tax) * (1 - l_discount)), 2) from lineitem where l_orderkey = o_orderkey),
  o_orderstatus = (select case when bool_and(l_linestatus = 'F') then 'F' when bool_and(l_linestatus = 'O') then 'O' else 'P' end
    from lineitem where l_orderkey = o_orderkey);
drop index lines;
