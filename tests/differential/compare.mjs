// Sends generated documents to a running server and holds its verdicts, keys, their order and the shape of its answers against graphql-js.
//
//   node compare.mjs URL TOKEN [REQUESTS] [SEED]
import {
  buildSchema, getVariableValues, parse, validate, GraphQLError, Kind, getOperationAST,
  isAbstractType, isLeafType, isListType, isNonNullType, getNullableType,
} from 'graphql'
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js'
import { Generator } from './documents.mjs'

const [url, token, requests = '2000', seed = String(Date.now() % 1e9)] = process.argv.slice(2)
const schema = buildSchema(await (await fetch(`${url}/schema.graphql`)).text())

// The project's own scalars, as their descriptions have them.
const SCALARS = {
  UUID: (text) => /^(\{[0-9a-f-]{36}\}|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})$/i.test(text),
  Date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  DateTime: (text) => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)),
  CountryCode: (text) => /^[a-z]{2}$/i.test(text),
}
for (const [name, accepts] of Object.entries(SCALARS)) {
  const scalar = schema.getType(name)
  const check = (value) => {
    if (typeof value === 'string' && accepts(value)) return value
    throw new GraphQLError(`not a ${name}`)
  }
  scalar.parseValue = check
  scalar.parseLiteral = (node) => {
    if (node.kind === Kind.STRING) return check(node.value)
    throw new GraphQLError(`not a ${name}`)
  }
}

// What graphql-js makes of a request before it executes anything.
const verdict = ({ query, variables, operationName }) => {
  let document
  try {
    document = parse(query)
  } catch (error) {
    return { refused: 'parse', why: error.message }
  }
  const errors = validate(schema, document)
  if (errors.length) return { refused: 'validation', why: errors[0].message }
  const operation = getOperationAST(document, operationName)
  if (!operation) return { refused: 'operation', why: 'no such operation' }
  const { coerced, errors: bad } = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
  if (bad) return { refused: 'variables', why: bad[0].message }
  return { document, operation, coerced }
}

const fragmentsOf = (document) =>
  Object.fromEntries(document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION).map((d) => [d.name.value, d]))

// Holds an answer against the fields that graphql-js collects; gives the first thing that is not alike.
const compare = ({ document, operation, coerced }, data) => {
  const fragments = fragmentsOf(document)
  const object = (value, type, fieldsOf, path) => {
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
    let first
    for (const concrete of types) {
      const difference = fields(value, concrete, fieldsOf(concrete), path)
      if (!difference) return undefined
      first ??= difference
    }
    return first
  }
  const fields = (value, type, collected, path) => {
    const expected = [...collected.keys()]
    const keys = Object.keys(value)
    if (expected.join() !== keys.join()) return `${path}: keys are ${keys}, expected ${expected} of ${type.name}`
    for (const [key, nodes] of collected) {
      const name = nodes[0].name.value
      if (name === '__typename') {
        if (value[key] !== type.name) return `${path}.${key}: __typename is ${value[key]}, expected ${type.name}`
        continue
      }
      const field = name === '__schema' || name === '__type' ? undefined : type.getFields()[name]
      if (!field) continue
      const difference = shape(value[key], field.type, nodes, `${path}.${key}`)
      if (difference) return difference
    }
    return undefined
  }
  const shape = (value, type, nodes, path) => {
    if (value === null) return isNonNullType(type) ? `${path}: null of ${type}` : undefined
    const bare = getNullableType(type)
    if (isListType(bare)) {
      if (!Array.isArray(value)) return `${path}: no list`
      for (const [at, item] of value.entries()) {
        const difference = shape(item, bare.ofType, nodes, `${path}[${at}]`)
        if (difference) return difference
      }
      return undefined
    }
    if (isLeafType(bare)) {
      return typeof value === 'object' ? `${path}: an object where a ${bare} is expected` : undefined
    }
    if (typeof value !== 'object' || Array.isArray(value)) return `${path}: no object`
    return object(value, bare, (concrete) => collectSubfields(schema, fragments, coerced, concrete, nodes), path)
  }
  const root = schema.getRootType(operation.operation)
  return fields(data, root, collectFields(schema, fragments, coerced, root, operation.selectionSet), 'data')
}

const LIMITS = new Set(['DOCUMENT_TOO_LARGE', 'QUERY_TOO_EXPENSIVE'])
const generator = new Generator(schema, Number(seed))
const counts = { alike: 0, answered: 0, refused: 0, mutations: 0, 'over a limit': 0 }
const differences = []
while (counts.alike < Number(requests) && differences.length < 10) {
  const request = generator.request()
  const expected = verdict(request)
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(request),
  })
  const text = await response.text()
  const tell = (what) => differences.push({ what, request, expected: expected.why, answer: text.slice(0, 400) })
  let answer
  try {
    answer = JSON.parse(text)
  } catch {
    tell('the answer is no JSON')
    continue
  }
  const codes = (answer.errors ?? []).map((error) => error.extensions?.code)
  if (codes.some((code) => LIMITS.has(code))) {
    counts['over a limit'] += 1
    continue
  }
  const was = 'data' in answer ? 'executed' : 'refused'
  if (codes.includes('INTERNAL_SERVER_ERROR')) tell('the server failed')
  else if (expected.refused && was === 'executed') tell(`executed, where graphql-js refuses (${expected.refused})`)
  else if (!expected.refused && was === 'refused') tell('refused, where graphql-js executes')
  else if (!expected.refused && answer.data !== null) {
    const difference = compare(expected, answer.data)
    if (difference) tell(difference)
  }
  if (!expected.refused && answer.data === null && !answer.errors?.length) tell('data is null without an error')
  counts.alike += 1
  counts[expected.refused ? 'refused' : 'answered'] += 1
  if (request.query.startsWith('mutation')) counts.mutations += 1
}
console.log(JSON.stringify({ seed, ...counts, differences: differences.length }))
for (const difference of differences) console.log(JSON.stringify(difference, null, 1))
process.exitCode = differences.length ? 1 : 0
