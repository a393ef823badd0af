// Sends generated documents to the server and compares its verdicts, keys, their order and the shape of its responses with graphql-js, the
// reference implementation. `PARTNERGRAPH_DOCUMENTS` sets their number, `PARTNERGRAPH_SEED` the seed.
import {
  buildSchema, getVariableValues, parse, validate, GraphQLError, Kind, getOperationAST,
  isAbstractType, isLeafType, isListType, isNonNullType, getNullableType,
} from 'graphql'
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js'
import { misplaced } from './propagation.mjs'
import { Generator } from './documents.mjs'

// The custom scalars, according to their descriptions.
const SCALARS = {
  UUID: (text) => /^(\{[0-9a-f-]{36}\}|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})$/i.test(text),
  Date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  DateTime: (text) => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)),
  CountryCode: (text) => /^[a-z]{2}$/i.test(text),
}
const withScalars = (schema) => {
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
 return schema
}

// The verdict of graphql-js on a request before it executes anything.
const verdict = (schema, { query, variables, operationName }) => {
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

// Compares a response with the fields that graphql-js collects; returns the first difference.
const compare = (schema, { document, operation, coerced }, data) => {
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
      if (!Array.isArray(value)) return `${path}: not a list`
      for (const [at, item] of value.entries()) {
        const difference = shape(item, bare.ofType, nodes, `${path}[${at}]`)
        if (difference) return difference
      }
      return undefined
    }
    if (isLeafType(bare)) {
      return typeof value === 'object' ? `${path}: an object where a ${bare} is expected` : undefined
    }
    if (typeof value !== 'object' || Array.isArray(value)) return `${path}: not an object`
    return object(value, bare, (concrete) => collectSubfields(schema, fragments, coerced, concrete, nodes), path)
  }
  const root = schema.getRootType(operation.operation)
  return fields(data, root, collectFields(schema, fragments, coerced, root, operation.selectionSet), 'data')
}

// An intended difference: if only execution finds that null is not accepted (a variable that is nullable because it
// has a default, set to null), the server refuses the request instead of the field.
const REFUSES_NULL = /needs true or false|must not be null/
const LIMITS = new Set(['DOCUMENT_TOO_LARGE', 'QUERY_TOO_EXPENSIVE'])

// Compares one request with graphql-js; returns the difference, or the verdict.
const hold = async (service, schema, request) => {
  const expected = verdict(schema, request)
  const response = await fetch(service.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      authorization: service.authorization,
    },
    body: JSON.stringify(request),
  })
  const text = await response.text()
  const differs = (what) => ({ differs: JSON.stringify({ what, request, expected: expected.why, answer: text.slice(0, 400) }) })
  let answer
  try {
    answer = JSON.parse(text)
  } catch {
    return differs('the response is not JSON')
  }
  const codes = (answer.errors ?? []).map((error) => error.extensions?.code)
  if (codes.some((code) => LIMITS.has(code))) return { way: 'limited' }
  if (codes.includes('INTERNAL_SERVER_ERROR')) return differs('the server failed')
  const isExecuted = 'data' in answer
  if (expected.refused) {
    return isExecuted ? differs(`executed, but graphql-js refuses it (${expected.refused})`) : { way: 'refused' }
  }
  if (!isExecuted && REFUSES_NULL.test(answer.errors?.[0]?.message)) return { way: 'limited' }
  if (!isExecuted) return differs('refused, but graphql-js executes it')
  if (answer.data === null && !answer.errors?.length) return differs('data is null without an error')
  const difference =
    (answer.data && compare(schema, expected, answer.data)) ?? misplaced(schema, expected, fragmentsOf(expected.document), answer)
  const below = (answer.errors ?? []).filter((error) => error.path?.length > 1).length
  return difference ? differs(difference) : { way: 'executed', below }
}

export const checks = [
  ['documents are refused or executed as by graphql-js, with the same response', (service) => compareMany(service)],
]

const compareMany = async (service) => {
      const text = await (await fetch(`${service.origin}/schema.graphql`)).text()
      const schema = withScalars(buildSchema(text))
      const wanted = Number(process.env.PARTNERGRAPH_DOCUMENTS ?? 2000)
      const seed = Number(process.env.PARTNERGRAPH_SEED ?? Date.now() % 1e9)
      const generator = new Generator(schema, seed)
      const ways = { executed: 0, refused: 0, limited: 0, mutations: 0, 'failures below the root': 0 }
      const differences = []
      while (ways.executed + ways.refused < wanted && differences.length < 10) {
        const request = generator.request()
        const { way, differs, below = 0 } = await hold(service, schema, request)
        if (differs) differences.push(differs)
        else ways[way] += 1
        ways['failures below the root'] += below
        ways.mutations += request.query.startsWith('mutation') ? 1 : 0
      }
      if (differences.length) throw new Error(`seed ${seed}:\n${differences.join('\n')}`)
      return `seed ${seed}, ${JSON.stringify(ways)}`
}
