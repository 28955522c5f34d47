import { NotFound, RuleViolation } from '../errors.ts'

/** Of making what belongs to the record that `field` names: when that is not there to be seen, the field is wrong, not the address. */
export async function belonging<Result>(field: string, making: Promise<Result>): Promise<Result> {
  try {
    return await making
  } catch (error) {
    throw error instanceof NotFound ? new RuleViolation(error.key, field) : error
  }
}
