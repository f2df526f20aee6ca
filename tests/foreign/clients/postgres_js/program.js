// postgres.js: prepared statements by default, fragments, cursors, forEach, describe, COPY, cancel, LISTEN, types of arrays fetched.
'use strict'

const { readFileSync } = require('node:fs')
const { setTimeout } = require('node:timers/promises')
const postgres = require('postgres')
const { outcomeOfError, step, version } = require('./steps.js')

const ENDLESS = 'select count(*) from readings a, readings b, readings c, readings d where a.temp + b.temp + c.temp + d.temp > 1e9'
const names = (result) => result.columns.map((c) => [c.name, c.type])

function connect(options = {}) {
  const { PGHOST: host, PGPORT: port, PGUSER: username, PGDATABASE: database } = process.env
  return postgres({ host, port, username, database, max: 1, onnotice: () => {}, ...options })
}

async function values(sql) {
  await step('one value', () => sql`select 1 as one`)
  await step('columns', async () => names(await sql`select * from readings limit 0`))
  await step('every type', () => sql`select * from kinds where id < 32 order by id`)
  await step('every type, simple protocol', () => sql`select * from kinds where id < 32 order by id`.simple())
  await step('raw', async () => (await sql`select * from devices order by device`.raw()).map((row) => row.map(String)))
  await step('as arrays', () => sql`select device, tags, more from devices order by device`.values())
  await step('extremes', () => sql`select id, i8, f8, n, t, by, iv, u, jb, ai, at from kinds where id between 32 and 46 order by id`)
  await step('odd names', () => sql`select * from ${sql('plant.Odd names')} order by ${sql('Mixed Case')}`)
  const sent = {
    integer: [5, null], bigint: ['9007199254740993', null], 'double precision': [0.1, null], numeric: ['1.50', null], text: ["é'東", '', null],
    boolean: [true, false, null], date: [new Date(Date.UTC(2024, 1, 29)), null], timestamptz: [new Date(Date.UTC(2024, 2, 31, 2, 30)), null],
    bytea: [Buffer.from([0, 255]), null], uuid: ['00000000-0000-0000-0000-000000000005', null], jsonb: [{ a: [1, null] }, null],
    'integer[]': [[1, null, 3], [], null], 'text[]': [['a', 'b"c', null], null], interval: ['1 day', null], 'varchar(3)': ['abc', null],
    'timestamptz[]': [[new Date(0)], null], 'bytea[]': [[Buffer.from([1])], null], 'boolean[]': [[true, null], null],
  }
  for (const [type, list] of Object.entries(sent)) {
    await step(type, async () => {
      const got = []
      for (const value of list) got.push((await sql`select ${value}::${sql.unsafe(type)} as v`)[0].v)
      return got
    })
  }
  await step('typed', () => sql`select ${sql.typed(5, 20)} + 1 as v`)
  await step('big integers', async () => {
    const own = connect({ types: { bigint: postgres.BigInt } })
    const rows = await own`select max(total) as v from readings where total < ${9007199254740993000n}`
    await own.end()
    return rows
  })
}

async function statements(sql) {
  await step('fragments', () => {
    const where = sql`where site in ${sql(['north', 'east'])} and device = any(${[1, 2, 3]})`
    return sql`select ${sql(['site', 'device'])}, count(*)::int as n from readings ${where} group by 1, 2 order by 1, 2`
  })
  await step('prepared many times', async () => {
    const got = []
    for (let device = 0; device < 8; device++) got.push((await sql`select count(*)::int as n, max(temp) as t from readings where device = ${device}`)[0])
    return got
  })
  await step('described', async () => {
    const { types, columns } = await sql`select site, temp, hour from hourly where site = ${'north'} and n > ${1}`.describe()
    return [types, columns.map((c) => [c.name, c.type, c.table > 0, c.number])]
  })
  await step('several statements', async () => (await sql.unsafe("select 1 as a; select 'x' as b").simple()).map((r) => [...r]))
  await step('pipelined', async () => (await Promise.all([1, 2, 3, 4].map((i) => sql`select ${i}::int as v, count(*)::int as n from devices`))).flat())
  await step('command', async () => {
    const result = await sql`set application_name = 'js'`
    return [result.command, result.count, (await sql`show application_name`)[0]]
  })
  await step('parameter that changed', () => sql.parameters.application_name)
  for (const [name, query] of Object.entries({
    syntax: () => sql`select * form readings`,
    'no table': () => sql`select * from nowhere`,
    'no column': () => sql`select nothing from readings where device = ${1}`,
    'bad parameter': () => sql`select ${'x'}::integer`,
    'write refused': () => sql`update readings set temp = ${1}`,
  })) await step(`error: ${name}`, query)
  await step('after errors', () => sql`select 1 as one`)
}

async function transactions(sql) {
  await step('begin', () =>
    sql.begin('isolation level repeatable read read only', async (sql) => [await sql`select count(*)::int as n from devices`, await sql`show transaction_isolation`]))
  await step('rolled back', () => sql.begin(async (sql) => sql`select 1 / ${0}::int`))
  await step('savepoint', () =>
    sql.begin(async (sql) => {
      const inner = await sql.savepoint((sql) => sql`select nothing`).catch(outcomeOfError)
      return [inner, await sql`select 2 as two`]
    }))
  await step('reserved', async () => {
    const own = await sql.reserve()
    const rows = await own`select 1 as one`
    own.release()
    return rows
  })
}

async function streams(sql) {
  const rows = () => sql`select site, device, ts, temp from readings where device > ${1} order by site, device, ts`
  await step('cursor', async () => {
    const sizes = []
    for await (const part of rows().cursor(300)) sizes.push([part.length, part[0]])
    return sizes
  })
  await step('cursor by callback, ended', async () => {
    let seen = 0
    await rows().cursor(10, (part) => {
      seen += part.length
      return seen >= 30 ? sql.CLOSE : undefined
    })
    return [seen, await sql`select 1 as one`]
  })
  await step('forEach', async () => {
    let seen = 0
    const result = await rows().forEach(() => { seen += 1 })
    return [seen, result.count]
  })
  await step('copy out', async () => {
    const parts = []
    for await (const part of await sql`copy (select device, model, tags from devices order by 1) to stdout`.readable()) parts.push(part)
    return Buffer.concat(parts).toString()
  })
  await step('temporary table', async () => (await sql`create temp table picked (device integer, label text)`).command)
  await step('copy in', async () => {
    const stream = await sql`copy picked from stdin`.writable()
    await new Promise((resolve, reject) => stream.on('finish', resolve).on('error', reject).end('1\tone\n2\ttwo\n'))
    return sql`select label, count(*)::int as n from readings join picked using (device) group by 1 order by 1`
  })
  await step('insert of objects', async () => {
    const label = [{ device: 3, label: 'three' }, { device: 4, label: null }]
    const result = await sql`insert into picked ${sql(label)}`
    return [result.count, await sql`select * from picked order by device`]
  })
  await step('temporary table dropped', async () => (await sql`drop table picked`).command)
}

async function connections() {
  const open = async (options, run) => {
    const own = connect(options)
    try {
      return await run(own)
    } finally {
      await own.end({ timeout: 1 })
    }
  }
  await step('cancel', () => open({}, async (sql) => {
    const query = sql.unsafe(ENDLESS)
    const failed = query.catch(outcomeOfError)
    await setTimeout(300)
    query.cancel()
    return [await failed, await sql`select 1 as one`]
  }))
  await step('settings of the connection', () => open({ connection: { application_name: 'mine', statement_timeout: 200, TimeZone: 'Asia/Tokyo' } }, async (sql) => [
    await sql`select current_setting('application_name') as name, current_setting('TimeZone') as zone`,
    await sql.unsafe(ENDLESS).catch(outcomeOfError),
  ]))
  await step('unprepared', () => open({ prepare: false }, (sql) => sql`select count(*)::int as n from readings where site = ${'north'}`))
  await step('arrays of types that are not built in', () => open({ fetch_types: true }, (sql) => sql`select tags, ${['x', 'y']}::varchar[] as v from devices order by device limit 1`))
  await step('names in camel case', () => open({ transform: postgres.camel }, (sql) => sql`select 1 as one_two`))
  await step('pool', () => open({ max: 4 }, (sql) => Promise.all([0, 1, 2, 3, 4, 5].map(async (d) => (await sql`select count(*)::int as n from readings where device = ${d}`)[0].n))))
  await step('TLS refused', () => open({ ssl: 'require', connect_timeout: 5 }, (sql) => sql`select 1`))
  await step('listen', () => open({}, async (sql) => {
    const listening = await sql.listen('news', () => {})
    await listening.unlisten()
    return 'listened'
  }))
}

async function main() {
  version(JSON.parse(readFileSync(`${__dirname}/node_modules/postgres/package.json`)).version)
  const sql = connect()
  for (const part of [values, statements, transactions, streams]) await part(sql)
  await sql.end()
  await connections()
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
