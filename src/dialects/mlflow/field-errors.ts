import type { JsonObject } from '../../core/types.ts';

/** One entry of a 422's `detail`, as FastAPI writes it: https://fastapi.tiangolo.com/tutorial/handling-errors/ */
export interface FieldError {
  readonly type: string;
  readonly loc: ReadonlyArray<string | number>;
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: JsonObject;
}

export type Location = ReadonlyArray<string | number>;

/** More errors than anybody reads of one request. */
const MOST_ERRORS = 100;

/** Characters, items and members of a value that is shown beside its error. */
const MOST_SHOWN = 10_000;
const DEEPEST_SHOWN = 32;

/** Collects the field errors of one request body. The type names and texts are those of Pydantic 2, which clients match on. */
export class FieldErrors {
  readonly list: FieldError[] = [];

  add(type: string, loc: Location, msg: string, input: unknown, ctx?: JsonObject): void {
    if (this.list.length >= MOST_ERRORS) return;
    const shown = extent(input, 0) > MOST_SHOWN ? '(too large to show)' : input;
    this.list.push({ type, loc, msg, input: shown, ...(ctx && { ctx }) });
  }

  append(...others: readonly FieldErrors[]): void {
    for (const { list } of others) for (const error of list) if (this.list.length < MOST_ERRORS) this.list.push(error);
  }

  missing(loc: Location, parent: unknown): void {
    this.add('missing', loc, 'Field required', parent);
  }

  notAnObject(loc: Location, input: unknown): void {
    this.add(
      'model_attributes_type',
      loc,
      'Input should be a valid dictionary or object to extract fields from',
      input,
    );
  }

  notADictionary(loc: Location, input: unknown): void {
    this.add('dict_type', loc, 'Input should be a valid dictionary', input);
  }

  notAList(loc: Location, input: unknown): void {
    this.add('list_type', loc, 'Input should be a valid list', input);
  }

  notAString(loc: Location, input: unknown): void {
    this.add('string_type', loc, 'Input should be a valid string', input);
  }

  tooShort(loc: Location, input: readonly unknown[], minimum: number): void {
    const items = minimum === 1 ? 'item' : 'items';
    this.add(
      'too_short',
      loc,
      `List should have at least ${minimum} ${items} after validation, not ${input.length}`,
      input,
      { field_type: 'List', min_length: minimum, actual_length: input.length },
    );
  }

  notOneOf(loc: Location, input: unknown, allowed: readonly string[]): void {
    const expected = listed(allowed);
    this.add('literal_error', loc, `Input should be ${expected}`, input, { expected });
  }

  unknownTag(loc: Location, input: unknown, tag: string, allowed: readonly string[]): void {
    const expected = allowed.map((name) => `'${name}'`).join(', ');
    this.add(
      'union_tag_invalid',
      loc,
      `Input tag '${tag}' found using 'type' does not match any of the expected tags: ${expected}`,
      input,
      { discriminator: "'type'", tag, expected_tags: expected },
    );
  }

  missingTag(loc: Location, input: unknown): void {
    this.add('union_tag_not_found', loc, "Unable to extract tag using discriminator 'type'", input, {
      discriminator: "'type'",
    });
  }
}

/** How much there is to a value; what is too deep, or too much, counts as more than is shown. */
function extent(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  if (depth > DEEPEST_SHOWN) return MOST_SHOWN + 1;
  let total = 1;
  for (const key in value) {
    total += key.length + extent((value as JsonObject)[key], depth + 1);
    if (total > MOST_SHOWN) break;
  }
  return total;
}

/** `'a', 'b' or 'c'` */
function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}
