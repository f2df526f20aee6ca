// node-postgres (pg): both protocols, binary, named statements, cursors, streams, COPY, timeouts, cancel, a pool.
'use strict'

const { setTimeout } = require('node:timers/promises')
const { pipeline } = require('node:stream/promises')
const pg = require('pg')
const Cursor = require('pg-cursor')
const QueryStream = require('pg-query-stream')
const { from: copyFrom, to: copyTo } = require('pg-copy-streams')
const { outcomeOfError, step, version } = require('./steps.js')

const TAME = 'select * from kinds where id < 32 order by id'
const ROWS = 'select site, device, ts, temp, price, note from readings order by site, device, ts'
const ENDLESS = 'select count(*) from readings a, readings b, readings c, readings d where a.temp + b.temp + c.temp + d.temp > 1e9'

// Values in, and the type that the server is told.
const VALUES = {
  boolean: [true, false],
  smallint: [-32768],
  integer: [5, '2147483647'],
  bigint: ['-9223372036854775808', 2 ** 40],
  real: [1.5],
  'double precision': [0.1, 5e-324, Infinity, NaN],
  numeric: ['123456789012345678901234567890.5', 'NaN', 1.25],
  text: ['', "é'東 \\ \"", 'a\nb'],
  'varchar(3)': ['abc'],
  bytea: [Buffer.from([]), Buffer.from([0, 255, 92])],
  date: ['2024-02-29'],
  timestamp: [new Date(Date.UTC(2024, 2, 31, 2, 30, 0, 123))],
  timestamptz: [new Date(Date.UTC(2024, 2, 31, 2, 30, 0, 1))],
  interval: ['1 mon -2 days 03:04:05.678'],
  uuid: ['00000000-0000-0000-0000-000000000005'],
  json: [{ a: [1, null, 'x'] }, '[1]'],
  jsonb: [{ b: 1, a: { c: 1.5 } }],
  'integer[]': [[1, null, 3], []],
  'text[]': [['a', null, 'b"c', 'd,e', '']],
}

const metadata = (result) => ({
  command: result.command,
  rowCount: result.rowCount,
  fields: result.fields.map((f) => [f.name, f.tableID > 0, f.columnID, f.dataTypeID, f.dataTypeSize, f.dataTypeModifier, f.format]),
})

async function plain(client) {
  await step('one value', async () => (await client.query('select 1 as one')).rows)
  await step('metadata', async () => metadata(await client.query('select *, 1 as one, now() as at from readings limit 0')))
  await step('metadata of a view', async () => metadata(await client.query('select * from hourly limit 0')))
  await step('every type', async () => (await client.query(TAME)).rows)
  await step('every type, extended', async () => (await client.query(`${TAME.replace('32', '$1')}`, [32])).rows)
  // This version reads binary values as UTF-8 text first: arrays make its parser run for ever, the rest is equally odd on both.
  await step('binary', async () => {
    const text = 'select b, i2, i4, i8, f8, t, v, c, d, tz, jb from kinds where id < $1 order by id'
    return (await client.query({ text, values: [32], binary: true })).rows
  })
  await step('extremes', async () =>
    (await client.query('select id, i8, f8, n, t, by, ts, u, jb, ai, at from kinds where id between 32 and 46 order by id')).rows)
  await step('rows as arrays', async () => (await client.query({ text: `${ROWS} limit 20`, rowMode: 'array' })).rows)
  await step('odd names', async () => (await client.query('select * from plant."Odd names" order by 1')).rows)
  await step('several statements', async () => (await client.query("select 1 as a; select 'x' as b, 2 as c; set TimeZone = 'UTC'")).map(metadata))
  await step('empty statement', async () => metadata(await client.query('')))
  await step('int8 by a parser of its own', async () => {
    const types = { getTypeParser: (oid, format) => (oid === 20 ? BigInt : pg.types.getTypeParser(oid, format)) }
    return (await client.query({ text: 'select sum(total) as total, max(i8) as largest from readings, kinds where id < 32', types })).rows
  })
}

async function parameters(client) {
  for (const [type, values] of Object.entries(VALUES)) {
    await step(type, async () => {
      const got = []
      for (const value of [...values, null]) got.push((await client.query(`select $1::${type} as v`, [value])).rows[0].v)
      return got
    })
  }
  await step('parameters in conditions', async () =>
    (await client.query(
      'select device, count(*) from readings where site = $1 and device = any($2) and ts >= $3 and temp > $4 group by 1 order by 1',
      ['north', [1, 2, 5], new Date(Date.UTC(2024, 3, 1)), 3],
    )).rows)
  await step('a limit', async () => (await client.query(`${ROWS} limit $1 offset $2`, [2, 5])).rows)
}

async function prepared(client) {
  const query = { name: 'by device', text: 'select count(*), max(ts) from readings where device = $1' }
  await step('named statement', async () => {
    const got = []
    for (const device of [1, 2, 3, 4, 5, 6, 7]) got.push((await client.query({ ...query, values: [device] })).rows)
    return got
  })
  await step('named statement is listed', async () =>
    (await client.query('select name, statement, parameter_types::text from pg_prepared_statements')).rows)
  await step('a name used twice', async () => client.query({ ...query, text: 'select $1::text', values: ['x'] }))
  await step('deallocated', async () => (await client.query('deallocate all')).command)
}

async function errors(client) {
  const failing = {
    syntax: 'select * form readings',
    'no table': 'select * from nowhere',
    'no column': 'select nothing from readings',
    'no function': 'select nothing(1)',
    division: 'select 1 / (count(*) - count(*)) from readings',
    'bad input': "select 'x'::integer",
    'bad parameter': ['select $1::integer', ['x']],
    'too few parameters': ['select $1::integer, $2::integer', [1]],
    'write refused': 'delete from readings',
  }
  for (const [name, query] of Object.entries(failing)) {
    await step(`error: ${name}`, () => client.query(...[query].flat(1)))
    await step(`after error: ${name}`, async () => (await client.query('select $1::int as v', [1])).rows)
  }
  await step('error in the middle of several', () => client.query('select 1; select 1/0; select 2'))
}

async function transactions(client) {
  await step('transaction', async () => {
    const got = []
    const told = (error) => outcomeOfError(error)
    for (const text of ['begin isolation level repeatable read read only', 'select count(*) from devices', 'savepoint s', 'select 1/0', 'select 1',
      'rollback to s', 'select 2 as two', 'commit', 'rollback']) {
      got.push(await client.query(text).then((r) => [r.command, r.rows], told))
    }
    return got
  })
  await step('notices', async () => {
    const got = []
    const listener = (notice) => got.push([notice.severity, notice.code, notice.message])
    client.on('notice', listener)
    for (const text of ['begin', 'begin', 'commit', 'commit']) await client.query(text)
    client.off('notice', listener)
    return got
  })
}

async function cursors(client) {
  await step('cursor', async () => {
    const cursor = client.query(new Cursor(ROWS.replace('order', 'where device > $1 order'), [2]))
    const sizes = []
    let rows
    do {
      rows = await cursor.read(300)
      sizes.push([rows.length, rows[0]])
    } while (rows.length)
    await cursor.close()
    return sizes
  })
  await step('cursor closed early', async () => {
    const cursor = client.query(new Cursor(ROWS))
    const rows = await cursor.read(2)
    await cursor.close()
    return [rows, (await client.query('select 1 as one')).rows]
  })
  await step('error from a cursor', async () => client.query(new Cursor('select 1 / (device - 3) from readings order by device')).read(2000))
  await step('stream', async () => {
    let rows = 0
    let last
    for await (const row of client.query(new QueryStream(ROWS, [], { batchSize: 7 }))) {
      rows += 1
      last = row
    }
    return [rows, last]
  })
  await step('stream left early', async () => {
    let first
    for await (const row of client.query(new QueryStream(ROWS, [], { batchSize: 10, rowMode: 'array' }))) {
      first = row
      break
    }
    return [first, (await client.query('select 2 as two')).rows]
  })
  await step('SQL cursor', async () => {
    const got = []
    for (const text of ['begin', `declare c scroll cursor for ${ROWS}`, 'fetch 2 from c', 'move 100 from c', 'fetch prior from c', 'fetch last from c',
      'fetch absolute 3 from c', 'close c', 'commit']) {
      const result = await client.query(text)
      got.push([result.command, result.rowCount, result.rows])
    }
    return got
  })
}

async function copies(client) {
  const collected = async (text) => {
    const parts = []
    for await (const part of client.query(copyTo(text))) parts.push(part)
    return Buffer.concat(parts)
  }
  await step('copy out, text', async () => (await collected(`copy (${ROWS} limit 12) to stdout`)).toString())
  await step('copy out, csv', async () => (await collected(`copy (${ROWS} limit 12) to stdout (format csv, header)`)).toString())
  await step('copy out, binary', async () => (await collected(`copy (${ROWS} limit 12) to stdout (format binary)`)).toString('base64'))
  await step('temporary table', async () => (await client.query('create temp table picked (device integer, label text)')).command)
  await step('copy in', async () => {
    const stream = client.query(copyFrom('copy picked from stdin'))
    await pipeline(async function* () { yield '1\tone\n2\ttw'; yield 'o\n3\t\\N\n' }, stream)
    return stream.rowCount
  })
  await step('joined with the copied', async () =>
    (await client.query('select label, count(*) from readings join picked using (device) group by 1 order by 1')).rows)
  await step('copy in, bad row', async () => pipeline(async function* () { yield 'x\tone\n' }, client.query(copyFrom('copy picked from stdin'))))
  await step('insert', async () => metadata(await client.query('insert into picked values ($1, $2)', [4, 'four'])))
  await step('temporary table dropped', async () => (await client.query('drop table picked')).command)
}

async function connections() {
  const open = async (config, run) => {
    const client = new pg.Client(config)
    await client.connect()
    try {
      return await run(client)
    } finally {
      await client.end()
    }
  }
  await step('statement_timeout', () => open({ statement_timeout: 200 }, (client) => client.query(ENDLESS)))
  await step('query_timeout', () => open({ query_timeout: 200, options: '-c statement_timeout=1s' }, (client) => client.query(ENDLESS)))
  await step('idle_in_transaction_session_timeout', () =>
    open({ idle_in_transaction_session_timeout: 150 }, async (client) => {
      await client.query('begin')
      const error = new Promise((resolve) => client.on('error', resolve))
      return Promise.race([error.then(outcomeOfError), setTimeout(3000, 'still connected')])
    }))
  await step('application_name', () =>
    open({ application_name: 'from node' }, async (client) => (await client.query('show application_name')).rows))
  await step('options', () =>
    open({ options: '-c TimeZone=Europe/Berlin -c datestyle=ISO,DMY' }, async (client) => [
      (await client.query("select current_setting('TimeZone') as zone, current_setting('DateStyle') as style")).rows,
      (await client.query("select timestamptz '2024-07-01 00:00+00'::text as at")).rows,
    ]))
  await step('no such database', () => open({ database: 'nowhere' }, async () => 'connected'))
  await step('TLS refused', () => open({ ssl: { rejectUnauthorized: false } }, async () => 'connected'))
  await step('cancelled', () => open({}, async (client) => {
    const failed = client.query(ENDLESS).catch(outcomeOfError)
    await setTimeout(200)
    new pg.Client().cancel(client, client._getActiveQuery?.() ?? client.activeQuery)
    return [await failed, (await client.query('select 1 as one')).rows]
  }))
  await step('pool', async () => {
    const pool = new pg.Pool({ max: 4 })
    const counts = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((d) => pool.query('select count(*)::int as n from readings where device = $1', [d])))
    const client = await pool.connect()
    await client.query('begin')
    const inside = await client.query('select model from devices order by device')
    await client.query('rollback')
    client.release()
    const failed = await pool.query('select 1/0').catch(outcomeOfError)
    await pool.end()
    return [counts.map((r) => r.rows[0].n), inside.rows, failed]
  })
}

// What query builders and migration tools on top of this driver ask.
async function catalogs(client) {
  const asked = {
    tables: "select table_schema, table_name, table_type from information_schema.tables where table_schema = any(current_schemas(false)) order by 2",
    columns: `select column_name, data_type, udt_name, is_nullable, character_maximum_length, numeric_precision, numeric_scale, datetime_precision,
      column_default, ordinal_position from information_schema.columns where table_name = 'readings' and table_schema = 'public' order by ordinal_position`,
    keys: `select kcu.column_name, tc.constraint_name, tc.constraint_type from information_schema.table_constraints tc
      join information_schema.key_column_usage kcu using (constraint_schema, constraint_name, table_name)
      where tc.table_name = 'readings' order by tc.constraint_type, kcu.ordinal_position`,
    attributes: `select a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull, col_description(a.attrelid, a.attnum) as comment,
      pg_get_expr(d.adbin, d.adrelid) as "default" from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = 'public.readings'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    constraints: `select conname, contype, conkey, pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace) order by conname`,
    enums: `select n.nspname, t.typname, e.enumlabel from pg_type t join pg_enum e on t.oid = e.enumtypid join pg_namespace n on n.oid = t.typnamespace
      order by 1, 2, e.enumsortorder`,
    comments: "select c.relname, obj_description(c.oid, 'pg_class') as said from pg_class c where c.relkind in ('r', 'v') and c.relnamespace = 'public'::regnamespace order by 1",
    version: "select split_part(current_setting('server_version'), '.', 1) as major, current_database(), current_schema(), current_user",
    'view definition': "select table_name, is_updatable from information_schema.views where table_schema = 'public'",
    sequences: "select sequence_name from information_schema.sequences where sequence_schema = 'public'",
  }
  for (const [name, text] of Object.entries(asked)) await step(`catalog: ${name}`, async () => (await client.query(text)).rows)
}

async function main() {
  version(require('pg/package.json').version)
  const client = new pg.Client()
  await client.connect()
  for (const part of [plain, parameters, prepared, errors, transactions, cursors, copies, catalogs]) await part(client)
  await client.end()
  await connections()
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
