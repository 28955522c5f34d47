import { parse } from 'acorn'
import type { Node } from 'acorn'

/** The names that a function's body uses and does not declare anywhere. Throws SyntaxError for what is no JavaScript. */
export function freeNames(body: string): string[] {
  const used = new Set<string>()
  const declared = new Set<string>()
  const program = parse(body, { ecmaVersion: 'latest', allowReturnOutsideFunction: true })
  visit(program, used, declared)
  return [...used].filter((name) => !declared.has(name))
}

type Field = Node | Field[] | string | number | boolean | null | undefined
type Fields = Node & Readonly<Record<string, Field>>

/** Goes through what is used; what is declared (variables, parameters, functions) is noted apart. */
function visit(field: Field, used: Set<string>, declared: Set<string>): void {
  if (Array.isArray(field)) for (const each of field) visit(each, used, declared)
  else if (isNode(field)) visitNode(field as Fields, used, declared)
}

function visitNode(node: Fields, used: Set<string>, declared: Set<string>): void {
  switch (node.type) {
    case 'Identifier':
      used.add(node.name as string)
      return
    case 'MemberExpression':
      visit(node.object, used, declared)
      if (node.computed === true) visit(node.property, used, declared)
      return
    case 'Property':
      if (node.computed === true) visit(node.key, used, declared)
      visit(node.value, used, declared)
      return
    case 'VariableDeclarator':
      declare(node.id, used, declared)
      visit(node.init, used, declared)
      return
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      declare(node.id, used, declared)
      declare(node.params, used, declared)
      visit(node.body, used, declared)
      return
    case 'LabeledStatement':
      visit(node.body, used, declared)
      return
    case 'BreakStatement':
    case 'ContinueStatement':
      return
    case 'CatchClause':
      declare(node.param, used, declared)
      visit(node.body, used, declared)
      return
    default:
      for (const field of Object.values(node)) visit(field, used, declared)
  }
}

/** The names of a pattern; its defaults and computed keys are uses. */
function declare(pattern: Field, used: Set<string>, declared: Set<string>): void {
  if (Array.isArray(pattern)) {
    for (const each of pattern) declare(each, used, declared)
    return
  }
  if (!isNode(pattern)) return
  const node = pattern as Fields
  if (node.type === 'Identifier') declared.add(node.name as string)
  else if (node.type === 'AssignmentPattern') {
    declare(node.left, used, declared)
    visit(node.right, used, declared)
  } else if (node.type === 'Property') {
    if (node.computed === true) visit(node.key, used, declared)
    declare(node.value, used, declared)
  } else if (node.type === 'RestElement') declare(node.argument, used, declared)
  else if (node.type === 'ObjectPattern') declare(node.properties, used, declared)
  else if (node.type === 'ArrayPattern') declare(node.elements, used, declared)
}

function isNode(field: Field): field is Node {
  return typeof field === 'object' && field !== null && 'type' in field
}
