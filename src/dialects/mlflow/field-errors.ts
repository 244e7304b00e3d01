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

/** Collects the field errors of one request body. The type names and texts are those of Pydantic 2, which clients match on. */
export class FieldErrors {
  readonly list: FieldError[] = [];

  add(type: string, loc: Location, msg: string, input: unknown, ctx?: JsonObject): void {
    this.list.push({ type, loc, msg, input, ...(ctx && { ctx }) });
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

/** `'a', 'b' or 'c'` */
function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}
