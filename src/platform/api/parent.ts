import { NotFound, RuleViolation } from '../errors.ts'

/**
 * Of making what belongs to the record that `field` names: when that is not there to be seen, the field is wrong, not the address; and when it is in no
 * state for it, as an archived one is, the field is wrong as well, which no form has and a program has sent.
 */
export async function belonging<Result>(field: string, making: Promise<Result>): Promise<Result> {
  try {
    return await making
  } catch (error) {
    const isOfParent = error instanceof NotFound || (error instanceof RuleViolation && error.field === 'form')
    throw isOfParent ? new RuleViolation(error.key, field, error.values) : error
  }
}
