/** What can be bound. Texts are cleaned of what a database cannot hold, see `storableText`. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** A statement, or a part of one, whose values are bound and never written into its text. */
export class Sql {
  readonly texts: readonly string[];
  readonly values: readonly SqlValue[];

  /** One text more than values. */
  constructor(texts: readonly string[], values: readonly SqlValue[]) {
    this.texts = texts;
    this.values = values;
  }

  /** With `placeholder(1)`, `placeholder(2)`, … for the values. */
  text(placeholder: (position: number) => string): string {
    let text = this.texts[0] ?? '';
    for (let index = 1; index < this.texts.length; index++) text += placeholder(index) + this.texts[index];
    return text;
  }
}

/**
 * ```ts
 * const recent = sql`SELECT id FROM requests WHERE time >= ${from} ${onlyErrors ? sql`AND outcome > 0` : NOTHING}`;
 * ```
 */
export function sql(texts: TemplateStringsArray, ...values: readonly (SqlValue | Sql)[]): Sql {
  const parts: string[] = [texts[0] ?? ''];
  const bound: SqlValue[] = [];
  for (const [index, value] of values.entries()) {
    const after = texts[index + 1] ?? '';
    if (value instanceof Sql) {
      parts[parts.length - 1] += value.texts[0] ?? '';
      parts.push(...value.texts.slice(1));
      parts[parts.length - 1] += after;
      bound.push(...value.values);
    } else {
      parts.push(after);
      bound.push(value);
    }
  }
  return new Sql(parts, bound);
}

/** Text of our own, such as a column's name from a fixed table. Never anything that came from outside. */
export function fixed(text: string): Sql {
  return new Sql([text], []);
}

export const NOTHING = fixed('');

export function joined(parts: readonly Sql[], separator: string): Sql {
  return parts.reduce((all, part, index) => sql`${all}${fixed(index > 0 ? separator : '')}${part}`, NOTHING);
}

/**
 * Values for `IN (…)`. Some may stand there twice, so that lists of any length make few statements: databases keep those
 * that they know. Bound also where they are our own numbers: PostgreSQL sends bytes as bytes then, and as text otherwise.
 */
export function listed(values: readonly SqlValue[]): Sql {
  const length = 2 ** Math.ceil(Math.log2(Math.max(values.length, 1)));
  const filled = Array.from({ length }, (_, index) => values[Math.min(index, values.length - 1)] ?? null);
  return new Sql(['', ...filled.slice(1).map(() => ', '), ''], filled);
}

/** PostgreSQL holds no U+0000, and neither holds half of a surrogate pair. Both become U+FFFD, in values and in filters. */
export function storableText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole;
}
