import { z } from 'zod';
import { mostSimilar } from '../../config/similar.ts';
import { type ApiError, invalid } from '../api-error.ts';
import { shown } from './time.ts';

const MOST_CHARACTERS = 256;

function complain(context: z.RefinementCtx, message: string, hint?: string): never {
  context.addIssue({ code: 'custom', message, params: { hint } });
  return z.NEVER;
}

/** Text of a bounded length. */
export function text(description: string, most = MOST_CHARACTERS) {
  return z.string().max(most).meta({ description });
}

export function integer(lowest: number, highest: number, description: string) {
  return z
    .string()
    .transform((value, context) => {
      const number = Number(value);
      if (/^\d{1,16}$/.test(value) && number >= lowest && number <= highest) return number;
      return complain(context, `'${shown(value)}' is not a whole number from ${lowest} to ${highest}.`);
    })
    .meta({ type: 'integer', minimum: lowest, maximum: highest, description });
}

const FLAGS: Readonly<Record<string, boolean>> = { '': true, '1': true, true: true, '0': false, false: false };

export function flag(description: string) {
  return z
    .string()
    .transform((value, context) => {
      const known = Object.hasOwn(FLAGS, value) ? FLAGS[value] : undefined;
      return known ?? complain(context, `'${shown(value)}' is neither 1 nor 0.`, 'write 1 or true, 0 or false');
    })
    .meta({ enum: ['1', 'true', '0', 'false', ''], description });
}

export function choice<const Values extends readonly [string, ...string[]]>(values: Values, description: string) {
  return z
    .string()
    .transform((value, context): Values[number] => {
      const found = values.find((candidate) => candidate === value);
      if (found !== undefined) return found;
      const similar = mostSimilar(value, values);
      const guess = similar === null ? '' : `did you mean '${similar}'? `;
      return complain(context, `'${shown(value)}' is not allowed.`, `${guess}one of ${values.join(', ')}`);
    })
    .meta({ enum: [...values], description });
}

/** Words with commas between them; what is empty does not count. */
export function list(most: number, description: string) {
  return z
    .string()
    .transform((value, context) => {
      const words = value
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '');
      return words.length > most ? complain(context, `More than ${most} of them.`) : words;
    })
    .meta({ type: 'array', items: { type: 'string' }, maxItems: most, description });
}

/**
 * The parameters of a query string, checked. Throws an ApiError that names the first at fault: unknown and repeated ones
 * too, because a filter that is not understood must not pass for one that matches everything.
 */
export function readParameters<Schema extends z.ZodObject>(schema: Schema, query: string): z.output<Schema> {
  const given: Array<[string, string]> = [];
  for (const [name, value] of new URLSearchParams(query)) {
    if (given.some(([other]) => other === name)) throw invalid(shown(name), `'${shown(name)}' is given twice.`);
    if (value.includes('\0')) throw invalid(shown(name), `'${shown(name)}' has a NUL character in it.`);
    if (!Object.hasOwn(schema.shape, name)) throw unknown(name, Object.keys(schema.shape));
    given.push([name, value]);
  }
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  throw asApiError(result.error.issues[0]);
}

function unknown(name: string, allowed: readonly string[]): ApiError {
  const similar = mostSimilar(name, allowed);
  const guess = similar === null ? '' : `did you mean '${similar}'? `;
  const names = allowed.length === 0 ? 'there are none' : `one of ${allowed.join(', ')}`;
  return invalid(shown(name), `There is no parameter '${shown(name)}'.`, `${guess}${names}`);
}

function asApiError(issue: z.core.$ZodIssue | undefined): ApiError {
  const field = String(issue?.path[0] ?? '');
  if (issue?.code === 'custom') {
    const { hint } = issue.params ?? {};
    return invalid(field, issue.message, typeof hint === 'string' ? hint : undefined);
  }
  if (issue?.code === 'too_big') return invalid(field, `'${field}' is longer than ${issue.maximum} characters.`);
  if (issue?.code === 'invalid_type') return invalid(field, `'${field}' is missing.`);
  return invalid(field, `'${field}' is not valid.`);
}
