import type { z } from 'zod';
import type { Finding, Path } from './problem.ts';
import { mostSimilar } from './similar.ts';

type Validation<Value> = { readonly value: Value; readonly findings: readonly Finding[] } | Failure;
type Failure = { readonly value?: undefined; readonly findings: readonly Finding[] };

/**
 * Checks a value against a schema. What a schema says in words of its own is one of MLflow's rules and passes through
 * unchanged; zod's own complaints become the texts of Pydantic, which MLflow shows.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  path: Path,
): Validation<z.output<Schema>> {
  const result = schema.safeParse(value, { error: pydanticText, reportInput: true });
  if (result.success) return { value: result.data, findings: [] };
  return { findings: result.error.issues.flatMap((issue) => toFindings(issue, path)) };
}

function toFindings(issue: z.core.$ZodIssue, base: Path): Finding[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return nearestBranch(issue.errors).flatMap((inner) => toFindings(inner, path));
  }
  // Zod has no flag for this; its own texts are exactly those that `pydanticText` gives.
  const kind = issue.message === pydanticText(issue) ? 'schema' : 'rule';
  return [{ severity: 'error', kind, message: issue.message, path, hint: hintFor(issue, path), at: 'value' }];
}

/** Of the branches of a union, the one that a value nearly fits: it lacks the fewest keys, and fails deepest. */
function nearestBranch(branches: ReadonlyArray<readonly z.core.$ZodIssue[]>): readonly z.core.$ZodIssue[] {
  const lacking = (issues: readonly z.core.$ZodIssue[]) => issues.filter(({ input }) => input === undefined).length;
  const depth = (issues: readonly z.core.$ZodIssue[]) => Math.min(...issues.map(({ path }) => path.length));
  const ranked = [...branches].sort(
    (left, right) => lacking(left) - lacking(right) || depth(right) - depth(left) || left.length - right.length,
  );
  return ranked[0] ?? [];
}

type RawIssue = Pick<z.core.$ZodIssue, 'code' | 'input'> & { readonly [key: string]: unknown };

/** https://docs.pydantic.dev/latest/errors/validation_errors/ */
function pydanticText(raw: z.core.$ZodRawIssue | z.core.$ZodIssue): string | undefined {
  const issue = raw as RawIssue;
  const input = issue.input;
  switch (issue.code) {
    case 'invalid_type':
      return input === undefined ? 'Field required' : typeText(String(issue.expected), input);
    case 'invalid_value':
      return input === undefined ? 'Field required' : `Input should be ${choice(issue.values)}`;
    case 'too_small':
      return `Input should be greater than ${issue.inclusive === false ? '' : 'or equal to '}${String(issue.minimum)}`;
    case 'too_big':
      return `Input should be less than ${issue.inclusive === false ? '' : 'or equal to '}${String(issue.maximum)}`;
    case 'invalid_format':
      return 'Input does not have the right format';
    case 'unrecognized_keys':
      return 'Extra inputs are not permitted';
    case 'invalid_union':
      return input === undefined ? 'Field required' : 'Input does not match any of the forms that are allowed';
    default:
      return undefined;
  }
}

function typeText(expected: string, input: unknown): string {
  if (expected === 'int' || (expected === 'number' && typeof input !== 'number')) return integerText(input);
  if (expected === 'number') return 'Input should be a valid number';
  if (expected === 'array') return 'Input should be a valid list';
  if (expected === 'object' || expected === 'record') return 'Input should be a valid dictionary';
  if (expected === 'string') return 'Input should be a valid string';
  return `Input should be a valid ${expected}`;
}

function integerText(input: unknown): string {
  if (typeof input === 'number') return 'Input should be a valid integer, got a number with a fractional part';
  if (typeof input === 'string') return 'Input should be a valid integer, unable to parse string as an integer';
  return 'Input should be a valid integer';
}

function choice(values: unknown): string {
  const names = Array.isArray(values) ? values.map((value) => `'${String(value)}'`) : [];
  const last = names.pop() ?? '';
  return names.length > 0 ? `${names.join(', ')} or ${last}` : last;
}

function hintFor(issue: z.core.$ZodIssue, path: Path): string | null {
  if (issue.code === 'custom') return typeof issue.params?.hint === 'string' ? issue.params.hint : null;
  const key = path.at(-1);
  if (issue.input === undefined) return typeof key === 'string' ? `add the key '${key}' here` : null;
  if (issue.code === 'invalid_value') return similarValue(issue);
  if (issue.code !== 'invalid_type') return null;
  const isScalar = typeof issue.input !== 'object' || issue.input instanceof Date;
  if (issue.expected === 'string' && isScalar) return 'put the value in quotes, so that YAML takes it for text';
  if (issue.expected === 'int' || issue.expected === 'number') return 'write a whole number, without quotes';
  if (issue.expected === 'array') return 'write a list, each item on a line that begins with `- `';
  if (issue.expected === 'object' || issue.expected === 'record') return 'write `key: value` lines, indented below it';
  return null;
}

function similarValue(issue: z.core.$ZodIssueInvalidValue): string | null {
  const similar = typeof issue.input === 'string' ? mostSimilar(issue.input, issue.values.map(String)) : null;
  return similar ? `did you mean '${similar}'?` : `write ${choice(issue.values)}`;
}
