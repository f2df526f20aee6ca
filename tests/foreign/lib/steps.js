// For the Node.js programs of clients: prints steps as lines of JSON.
'use strict'

function plain(value) {
  if (value === undefined) return null
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`
  if (value instanceof Map || value instanceof Set) return [...value].map(plain)
  if (Array.isArray(value)) return Array.from(value, plain)
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}

function say(said) {
  process.stdout.write(JSON.stringify(said) + '\n')
}

// What of an error both servers have to agree in; where in its source a server raised it is its own.
function outcomeOfError(error) {
  const said = { error: error.name, message: String(error.message).split('\n')[0] }
  for (const key of ['severity', 'code', 'position', 'detail', 'schema', 'table', 'column', 'constraint', 'dataType']) {
    if (error[key] !== undefined) said[key] = error[key]
  }
  return said
}

async function step(name, run) {
  let value
  try {
    value = await run()
  } catch (error) {
    say({ step: name, value: outcomeOfError(error) })
    if (process.argv.includes('--trace')) console.error(error)
    return undefined
  }
  say({ step: name, value: plain(value) })
  return value
}

module.exports = { step, outcomeOfError, version: (text) => say({ version: String(text) }) }
