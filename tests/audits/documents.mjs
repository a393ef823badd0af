// Random documents and variables for a schema: most of them valid, many with one error, some with several.
import {
  isEnumType, isInputObjectType, isListType, isNonNullType, isObjectType, isScalarType, isUnionType,
  getNamedType, getNullableType, isLeafType, isAbstractType,
} from 'graphql'

// A small generator of pseudo-random numbers, so that a seed reproduces the same documents.
export const random = (seed) => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    below: (n) => Math.floor(next() * n),
    chance: (p) => next() < p,
    pick: (list) => list[Math.floor(next() * list.length)],
  }
}

const GOOD = {
  String: ['contoso', 'a', '', 'Zażółć', 'x"y\\z', '\u{1F600}'],
  ID: ['UGFydG5lcjox', 'nothing'],
  Int: [0, 1, 2, 3, 50],
  Float: [1.5, 2, 0],
  Boolean: [true, false],
  UUID: ['0f6c2a7e-0000-4000-8000-000000000001', '{0F6C2A7E-0000-4000-8000-000000000001}'],
  Date: ['2026-06-18'],
  DateTime: ['2026-06-18T07:30:00Z', '2026-06-18T07:30:00+02:00'],
  CountryCode: ['PL', 'de'],
}
const BAD = {
  String: [1, true, ['x', 1], {}],
  ID: [true, 1.5, {}],
  Int: ['1', 1.5, 3000000000, true],
  Float: ['1', true],
  Boolean: ['true', 1],
  UUID: ['x', 1],
  Date: ['2026-13-01', 1],
  DateTime: ['yesterday'],
  CountryCode: ['Poland', 1],
}

// Formats a JSON value as a GraphQL literal of a type.
export const literal = (value, type) => {
  if (value === null || value === undefined) return 'null'
  if (value && typeof value === 'object' && '$' in value) return `$${value.$}`
  const bare = type ? getNullableType(type) : undefined
  if (Array.isArray(value)) {
    const inner = bare && isListType(bare) ? bare.ofType : bare
    return `[${value.map((item) => literal(item, inner)).join(', ')}]`
  }
  const named = bare ? getNamedType(bare) : undefined
  if (typeof value === 'object') {
    const fields = named && isInputObjectType(named) ? named.getFields() : {}
    return `{${Object.entries(value).map(([name, item]) => `${name}: ${literal(item, fields[name]?.type)}`).join(', ')}}`
  }
  if (typeof value === 'string' && named && isEnumType(named)) return value
  return JSON.stringify(value)
}

export class Generator {
  constructor(schema, seed) {
    this.schema = schema
    this.dice = random(seed)
  }

  // One request: a document, variables and, if there are several operations, an operation name.
  request() {
    this.variables = new Map()
    this.values = {}
    this.fragments = []
    this.faults = this.dice.chance(0.45) ? 1 + this.dice.below(2) : 0
    this.names = 0
    const kind = this.dice.chance(0.2) ? 'mutation' : 'query'
    const root = kind === 'mutation' ? this.schema.getMutationType() : this.schema.getQueryType()
    const body = this.selection(root, 0, kind === 'mutation' ? 1 + this.dice.below(3) : 1 + this.dice.below(3))
    const declared = [...this.variables.values()].map((text) => text)
    if (this.fault(0.05)) declared.push('$unused: String')
    const head = declared.length ? `(${declared.join(', ')})` : ''
    let text = `${this.described()}${kind} Asked${head} ${body}\n${this.fragments.join('\n')}`
    if (this.fault(0.04)) text += '\nfragment Unused on Query { __typename }'
    if (this.fault(0.03)) text = text.slice(0, this.dice.below(text.length))
    if (this.fault(0.1)) text = this.damaged(text)
    let operationName
    if (this.dice.chance(0.06)) {
      text += '\nquery Other { __typename }'
      operationName = this.fault(0.3) ? 'Missing' : 'Asked'
    }
    return { query: text, variables: this.values, operationName }
  }

  // The text with one token omitted, repeated, or replaced by another.
  damaged(text) {
    const tokens = text.match(/"(?:[^"\\]|\\.)*"|[_A-Za-z]\w*|-?\d[\d.]*|\.{3}|[^\s,]/gu)
    const at = this.dice.below(tokens.length)
    const way = this.dice.below(3)
    if (way === 0) tokens.splice(at, 1)
    else if (way === 1) tokens.splice(at, 0, tokens[at])
    else tokens[at] = this.dice.pick(tokens)
    return tokens.join(' ')
  }

  // Whether to make an error here; each document has a given number of them.
  fault(p) {
    if (this.faults > 0 && this.dice.chance(p)) {
      this.faults -= 1
      return true
    }
    return false
  }

  // The description of an operation, a fragment or a variable.
  described() {
    return this.dice.chance(0.05) ? this.dice.pick(['"what it is for" ', '"ż" ', '"""\n"quoted"\n"""\n']) : ''
  }

  selection(type, depth, size) {
    const parts = []
    const fields = isUnionType(type) ? [] : Object.values(type.getFields())
    for (let n = 0; n < size; n += 1) {
      const way = this.dice.below(10)
      if (way === 0) parts.push('__typename')
      else if (way === 1 && depth > 0) parts.push(this.inline(type, depth))
      else if (way === 2 && depth > 0) parts.push(this.spread(type, depth))
      else if (fields.length) parts.push(this.field(this.dice.pick(fields), depth))
      else parts.push(this.inline(type, depth))
    }
    if (this.fault(0.03)) parts.push('noSuchField')
    if (this.dice.chance(0.1)) parts.push(parts[0])
    return `{ ${parts.filter(Boolean).join(' ') || '__typename'} }`
  }

  inline(type, depth) {
    const condition = this.condition(type)
    const on = condition === type && this.dice.chance(0.5) ? '' : ` on ${condition.name}`
    return `...${on}${this.directives()} ${this.selection(condition, depth + 1, 1 + this.dice.below(2))}`
  }

  spread(type, depth) {
    const condition = this.condition(type)
    const name = `F${(this.names += 1)}`
    this.fragments.push(`${this.described()}fragment ${name} on ${condition.name} ${this.selection(condition, depth + 1, 1 + this.dice.below(3))}`)
    if (this.fault(0.04)) return `...${name}X`
    return `...${name}${this.directives()}${this.dice.chance(0.2) ? ` ...${name}` : ''}`
  }

  condition(type) {
    if (this.fault(0.03)) return this.dice.pick([this.schema.getType('PageInfo'), this.schema.getType('UserError')])
    if (isAbstractType(type)) return this.dice.pick([type, ...this.schema.getPossibleTypes(type)])
    const interfaces = isObjectType(type) ? type.getInterfaces() : []
    return this.dice.pick([type, ...interfaces])
  }

  directives() {
    if (!this.dice.chance(0.25)) return ''
    const name = this.fault(0.05) ? 'skop' : this.dice.pick(['skip', 'include'])
    const type = this.schema.getDirective('skip').args[0].type
    return ` @${name}(if: ${this.fault(0.05) ? '"yes"' : this.given(type, this.dice.chance(0.5))})`
  }

  field(field, depth) {
    const named = getNamedType(field.type)
    const leaf = isLeafType(named)
    if (!leaf && depth > 5) return '__typename'
    const alias = this.dice.chance(0.15) ? `${this.dice.pick(['a', 'b', field.name])}: ` : ''
    const given = field.args
      .filter((argument) => isNonNullType(argument.type) || this.dice.chance(0.2))
      .filter((argument) => !(isNonNullType(argument.type) && this.fault(0.03)))
      .map((argument) => `${argument.name}: ${this.given(argument.type, false, argument.name)}`)
    if (this.fault(0.03)) given.push('nothing: 1')
    if (given.length && this.fault(0.03)) given.push(given[0])
    const head = `${alias}${field.name}${given.length ? `(${given.join(', ')})` : ''}${this.directives()}`
    if (leaf) return this.fault(0.02) ? `${head} { id }` : head
    if (this.fault(0.02)) return head
    return `${head} ${this.selection(named, depth + 1, 1 + this.dice.below(depth > 2 ? 2 : 4))}`
  }

  // A value for an argument: a literal or a variable.
  given(type, asVariable, name) {
    if (!asVariable && !this.dice.chance(0.4)) return literal(this.value(type, 0, name), type)
    const variable = `v${(this.names += 1)}`
    let declared = this.dice.chance(0.2) && !isNonNullType(type) ? `${type}!` : `${type}`
    let withDefault = ''
    if (isNonNullType(type) && this.dice.chance(0.3)) {
      declared = `${type.ofType}`
      withDefault = ` = ${literal(this.value(type, 0, name), type)}`
    } else if (!isNonNullType(type) && this.dice.chance(0.2)) {
      withDefault = ` = ${literal(this.value(type, 0, name), type)}`
    }
    if (this.fault(0.06)) declared = this.dice.pick(['Int', '[Int]', 'String', 'NoSuchType', 'Customer'])
    this.variables.set(variable, `${this.described()}$${variable}: ${declared}${withDefault}`)
    const leftOut = withDefault ? this.dice.chance(0.5) : !declared.endsWith('!') && this.dice.chance(0.2)
    if (leftOut || this.fault(0.04)) return `$${variable}`
    this.values[variable] = this.value(type, 0, name)
    return this.fault(0.02) ? `$${variable}x` : `$${variable}`
  }

  value(type, depth, name) {
    if (!isNonNullType(type) && this.dice.chance(0.08)) return null
    if (isNonNullType(type) && this.fault(0.02)) return null
    const bare = getNullableType(type)
    if (isListType(bare)) {
      if (this.dice.chance(0.15)) return this.value(bare.ofType, depth, name)
      return Array.from({ length: this.dice.below(3) }, () => this.value(bare.ofType, depth, name))
    }
    if (isEnumType(bare)) return this.fault(0.05) ? 'NO_SUCH_WORD' : this.dice.pick(bare.getValues()).name
    if (isScalarType(bare)) {
      if (bare.name === 'Boolean' && name === 'validateOnly') return true
      return this.dice.pick((this.fault(0.04) ? BAD : GOOD)[bare.name] ?? ['x'])
    }
    const fields = Object.values(bare.getFields())
    const value = {}
    if (bare.isOneOf) {
      const field = this.dice.pick(fields)
      value[field.name] = this.value(getNullableType(field.type), depth + 1, field.name) ?? 'x'
      if (this.fault(0.1)) value[this.dice.pick(fields).name] = null
      if (this.fault(0.05)) return {}
      return value
    }
    for (const field of fields) {
      const required = isNonNullType(field.type) && field.defaultValue === undefined
      if (required ? !this.fault(0.02) : depth < 3 && this.dice.chance(0.12)) {
        value[field.name] = this.value(field.type, depth + 1, field.name)
      }
    }
    // Generated mutations must not write anything.
    if ('validateOnly' in bare.getFields()) value.validateOnly = true
    if (this.fault(0.02)) value.noSuchField = 1
    return value
  }
}

