import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { FieldErrors, Location } from './field-errors.ts';

/** Checks one present, non-null value and returns what it should be replaced with, or undefined to leave it. */
export type FieldCheck = (value: unknown, loc: Location, errors: FieldErrors) => unknown;

export function isOneOf(allowed: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && allowed.includes(value);
}

interface Bounds {
  readonly ge?: number;
  readonly le?: number;
}

function checkBounds(value: number, input: unknown, bounds: Bounds, loc: Location, errors: FieldErrors): void {
  if (bounds.ge !== undefined && value < bounds.ge) {
    errors.add('greater_than_equal', loc, `Input should be greater than or equal to ${bounds.ge}`, input, {
      ge: bounds.ge,
    });
  } else if (bounds.le !== undefined && value > bounds.le) {
    errors.add('less_than_equal', loc, `Input should be less than or equal to ${bounds.le}`, input, { le: bounds.le });
  }
}

/** MLflow's server takes numbers written as strings; they become numbers before they go upstream. */
function numeric(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return null;
}

export function integer(bounds: Bounds): FieldCheck {
  return (value, loc, errors) => {
    const number = numeric(value);
    if (number === null) {
      const unparsable = typeof value === 'string';
      errors.add(
        unparsable ? 'int_parsing' : 'int_type',
        loc,
        `Input should be a valid integer${unparsable ? ', unable to parse string as an integer' : ''}`,
        value,
      );
    } else if (!Number.isInteger(number)) {
      errors.add('int_from_float', loc, 'Input should be a valid integer, got a number with a fractional part', value);
    } else {
      checkBounds(number, value, bounds, loc, errors);
    }
    return typeof value === 'number' ? undefined : (number ?? undefined);
  };
}

export function float(bounds: Bounds): FieldCheck {
  return (value, loc, errors) => {
    const number = numeric(value);
    if (number === null) {
      const unparsable = typeof value === 'string';
      errors.add(
        unparsable ? 'float_parsing' : 'float_type',
        loc,
        `Input should be a valid number${unparsable ? ', unable to parse string as a number' : ''}`,
        value,
      );
    } else {
      checkBounds(number, value, bounds, loc, errors);
    }
    return typeof value === 'number' ? undefined : (number ?? undefined);
  };
}

const TRUE_WORDS = ['true', '1', 'yes', 'y', 'on', 't'];
const FALSE_WORDS = ['false', '0', 'no', 'n', 'off', 'f'];

export const boolean: FieldCheck = (value, loc, errors) => {
  if (typeof value === 'boolean') return undefined;
  const word = typeof value === 'string' || typeof value === 'number' ? String(value).toLowerCase() : null;
  if (word === null) {
    errors.add('bool_type', loc, 'Input should be a valid boolean', value);
    return undefined;
  }
  if (TRUE_WORDS.includes(word)) return true;
  if (FALSE_WORDS.includes(word)) return false;
  errors.add('bool_parsing', loc, 'Input should be a valid boolean, unable to interpret input', value);
  return undefined;
};

export const string: FieldCheck = (value, loc, errors) => {
  if (typeof value !== 'string') errors.notAString(loc, value);
  return undefined;
};

export const object: FieldCheck = (value, loc, errors) => {
  if (!isJsonObject(value)) errors.notADictionary(loc, value);
  return undefined;
};

/** A list of strings; one string alone is taken as a list of one, as OpenAI's API has it. */
export const stopSequences: FieldCheck = (value, loc, errors) => {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) {
    errors.notAList(loc, value);
    return undefined;
  }
  if (value.length === 0) errors.tooShort(loc, value, 1);
  for (const [index, item] of value.entries()) {
    if (typeof item !== 'string') errors.notAString([...loc, index], item);
  }
  return undefined;
};

/** The fields of one operation, in the order in which MLflow reports their errors. */
export interface Fields {
  readonly checks: ReadonlyArray<readonly [field: string, check: FieldCheck]>;
  readonly required: string;
}

/** Runs the checks, and returns the replacements by field, or null when the body can stay as it is. */
export function checkFields(body: JsonObject, fields: Fields, errors: FieldErrors): Map<string, unknown> | null {
  let replacements: Map<string, unknown> | null = null;
  for (const [field, check] of fields.checks) {
    const value = body[field];
    if (value === undefined || value === null) {
      if (field === fields.required) reportRequired(field, value, body, check, errors);
      continue;
    }
    const replacement = check(value, ['body', field], errors);
    if (replacement !== undefined) {
      replacements ??= new Map();
      replacements.set(field, replacement);
    }
  }
  return replacements;
}

function reportRequired(field: string, value: unknown, body: JsonObject, check: FieldCheck, errors: FieldErrors): void {
  if (value === undefined) errors.missing(['body', field], body);
  else check(value, ['body', field], errors);
}
