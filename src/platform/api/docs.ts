import type { DescribedOperation, DescribedParameter, Document, Schema } from './openapi.ts'

/** The document as a page shows it: area by area, with what to type into a terminal. */

/** Text, some of which is code. */
export type Prose = { text: string; isCode: boolean }[]

export interface DocumentedField {
  name: string
  /** "string ≤ 100", "integer 0–100", "\"new\" | \"lost\" | null": the notation of schemas, which needs no translation. */
  type: string
  required: boolean
  description: Prose
}

export interface DocumentedOperation {
  id: string
  method: string
  path: string
  summary: string
  description: Prose
  scope: string
  parameters: DocumentedField[]
  fields: DocumentedField[]
  curl: string
  /** Status and example of the answer that it is for. */
  status: number
  answer: string
  problems: { status: number; name: string }[]
}

export interface DocumentedArea {
  name: string
  /** As a heading. */
  title: string
  operations: DocumentedOperation[]
}

export interface DocumentedProblem {
  name: string
  status: number
  title: string
  example: string
}

export interface Documentation {
  about: Prose[]
  areas: DocumentedArea[]
  problems: DocumentedProblem[]
}

/** `origin`: where the product is found from outside, for the commands. */
export function documentationOf(document: Document, origin: string): Documentation {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      area: operation.tags[0] ?? '',
      documented: documented(document, origin, path, method, operation),
    })),
  )
  return {
    about: document.info.description.split('\n\n').map(proseOf),
    areas: document.tags.map(({ name }) => ({
      name,
      title: name.charAt(0).toUpperCase() + name.slice(1),
      operations: operations.filter(({ area }) => area === name).map(({ documented }) => documented),
    })),
    problems: Object.entries(document.components.responses).map(([name, response]) => problemOf(name, response)),
  }
}

/** Code stands between backticks, as in the document. */
function proseOf(text: unknown): Prose {
  if (typeof text !== 'string') return []
  return text
    .split('`')
    .map((part, index) => ({ text: part, isCode: index % 2 === 1 }))
    .filter((part) => part.text !== '')
}

function documented(
  document: Document,
  origin: string,
  path: string,
  method: string,
  operation: DescribedOperation,
): DocumentedOperation {
  const responses = Object.entries(operation.responses)
  const [status = '200', answer] = responses.find(([code]) => code.startsWith('2')) ?? []
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path: `${document.servers[0]?.url ?? ''}${path}`,
    summary: operation.summary,
    description: proseOf(operation.description),
    scope: operation.security[0].token[0] ?? '',
    parameters: operation.parameters.map((parameter) => parameterField(document, parameter)),
    fields: bodyFields(document, operation),
    curl: curlOf(document, origin, path, method, operation),
    status: Number(status),
    answer: exampleText(document, schemaIn(answer)),
    problems: responses.flatMap(([code, response]) => {
      const name = (response as { $ref?: string }).$ref?.split('/').at(-1)
      return name ? [{ status: Number(code), name }] : []
    }),
  }
}

function parameterField(document: Document, given: DescribedParameter | { $ref: string }): DocumentedField {
  const parameter =
    'in' in given ? given : (document.components.parameters[given.$ref.split('/').at(-1) ?? ''] as DescribedParameter)
  return {
    name: parameter.name,
    type: parameter.in === 'header' ? 'header' : typeText(document, parameter.schema),
    required: parameter.required,
    description: proseOf(parameter.description),
  }
}

function bodyFields(document: Document, { requestBody }: DescribedOperation): DocumentedField[] {
  if (!requestBody) return []
  const { properties = {}, required = [] } = resolved(document, requestBody.content['application/json'].schema) as {
    properties?: Record<string, Schema>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeText(document, schema),
    required: required.includes(name),
    description: proseOf(schema.description),
  }))
}

function resolved(document: Document, schema: Schema): Schema {
  const { $ref } = schema
  return typeof $ref === 'string' ? (document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}) : schema
}

/** A schema in a line. */
function typeText(document: Document, schema: Schema): string {
  const { $ref, anyOf, oneOf, type, items, format, minimum, maximum, maxLength } = schema
  const choices = schema.enum
  if (typeof $ref === 'string') return $ref.split('/').at(-1) ?? ''
  const parts = (anyOf ?? oneOf) as Schema[] | undefined
  if (parts) return parts.map((part) => typeText(document, part)).join(' | ')
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(' | ')
  if ('const' in schema) return JSON.stringify(schema.const)
  if (type === 'array') return `[${typeText(document, (items ?? {}) as Schema)}]`
  const name = typeof format === 'string' ? format : typeof type === 'string' ? type : 'any'
  if (typeof maximum === 'number' && typeof minimum === 'number' && maximum < 2_147_483_647)
    return `${name} ${minimum}–${maximum}`
  return typeof maxLength === 'number' ? `${name} ≤ ${maxLength}` : name
}

/** What can be pasted into a terminal; the token is a variable of the shell. */
function curlOf(
  document: Document,
  origin: string,
  path: string,
  method: string,
  operation: DescribedOperation,
): string {
  const address = `${origin}${document.servers[0]?.url ?? ''}${path.replaceAll(/\{\w+\}/g, '17')}`
  const example = operation.requestBody?.content['application/json'].example
  return [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} '${address}'`,
    `-H "Authorization: Bearer $TOKEN"`,
    ...(example === undefined
      ? []
      : [`-H 'Content-Type: application/json'`, `-d '${JSON.stringify(example, null, 2).replaceAll("'", "'\\''")}'`]),
  ].join(' \\\n  ')
}

function schemaIn(response: unknown): Schema {
  const { content } = (response ?? {}) as { content?: Record<string, { schema: Schema }> }
  const schema = content?.['application/json']?.schema ?? {}
  // Whole, or in part: the whole comes first.
  return Array.isArray(schema.anyOf) ? (schema.anyOf[0] as Schema) : schema
}

function exampleText(document: Document, schema: Schema): string {
  return JSON.stringify(exampleOf(document, schema), null, 2)
}

/** The schema's own example, or one put together from those of its parts. */
function exampleOf(document: Document, given: Schema): unknown {
  const schema = resolved(document, given)
  const [example] = (schema.examples ?? []) as unknown[]
  if (example !== undefined) return example
  if (Array.isArray(schema.enum)) return schema.enum[0] as unknown
  const [first] = ((schema.anyOf ?? schema.oneOf) as Schema[] | undefined) ?? []
  if (first) return exampleOf(document, first)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries((schema.properties ?? {}) as Record<string, Schema>)
          .filter(([name]) => ((schema.required ?? []) as string[]).includes(name))
          .map(([name, property]) => [name, exampleOf(document, property)]),
      )
    case 'array':
      return [exampleOf(document, (schema.items ?? {}) as Schema)]
    case 'integer':
    case 'number':
      return Math.max(1, Number(schema.minimum ?? 1))
    case 'boolean':
      return true
    case 'string':
      return schema.format === 'date' ? '2026-01-31' : 'eyJ0'
    default:
      return null
  }
}

function problemOf(name: string, response: unknown): DocumentedProblem {
  const { content } = response as {
    content: { 'application/problem+json': { example: { status: number; title: string } } }
  }
  const { example } = content['application/problem+json']
  return { name, status: example.status, title: example.title, example: JSON.stringify(example, null, 2) }
}
