// The paths of a response's errors, and what they make null: section 6.4.4 of the specification.
import { getNullableType, getNamedType, isAbstractType, isListType, isNonNullType } from 'graphql'
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js'

// Describes the first error whose path or null is wrong; undefined if there is none.
export const misplaced = (schema, { operation, coerced }, fragments, answer) => {
  const root = schema.getRootType(operation.operation)
  const walks = (answer.errors ?? [])
    .filter((error) => error.path)
    .map((error) => walk(schema, fragments, coerced, root, operation, answer.data, error))
  const wrong = walks.find((found) => found.wrong)
  if (wrong) return wrong.wrong
  const nulls = new Set(walks.map((found) => found.nullable))
  for (const { error, firstNull } of walks) {
    const path = JSON.stringify(error.path)
    if (firstNull === undefined) return `no value is null on the path ${path} of an error`
    if (!nulls.has(firstNull)) return `${firstNull} is null, but no error makes it null; one is at ${path}`
  }
  return undefined
}

// Follows the path of an error: what should be null because of it, and the first null on the way.
const walk = (schema, fragments, coerced, root, operation, data, error) => {
  const wrong = (what) => ({ wrong: `the path ${JSON.stringify(error.path)} ${what}` })
  let fields = collectFields(schema, fragments, coerced, root, operation.selectionSet)
  let [type, parents, value, nodes] = [root, [root], data, undefined]
  let [nullable, firstNull] = ['[]', data === null ? '[]' : undefined]
  for (const [at, segment] of error.path.entries()) {
    if (typeof segment === 'number') {
      if (!isListType(getNullableType(type))) return wrong('has an index for a value that is not a list')
      type = getNullableType(type).ofType
    } else {
      const parent = parents.find((one) => fieldsOf(one, fields).get(segment))
      if (!parent) return wrong(`has no field ${segment}`)
      nodes = fieldsOf(parent, fields).get(segment)
      type = parent.getFields()[nodes[0].name.value].type
    }
    value = value?.[segment]
    const here = JSON.stringify(error.path.slice(0, at + 1))
    if (!isNonNullType(type)) nullable = here
    if (value === null) firstNull ??= here
    const named = getNamedType(type)
    parents = isAbstractType(named) ? schema.getPossibleTypes(named) : [named]
    const below = nodes
    fields = (one) => collectSubfields(schema, fragments, coerced, one, below)
  }
  const places = (error.locations ?? []).map(({ line, column }) => `${line}:${column}`)
  const at = (nodes ?? []).map((node) => `${node.loc.startToken.line}:${node.loc.startToken.column}`)
  if (!places.some((place) => at.includes(place))) return wrong(`ends at ${at}, but the error is at ${places}`)
  return { error, nullable, firstNull }
}

const fieldsOf = (type, fields) => (typeof fields === 'function' ? fields(type) : fields)
