import type { Secret } from './secret.ts';

/** Shorter ones would be found in words. */
const SHORTEST = 4;
const SHORTEST_ENCODED = 8;

/** Replaces in a text each of what it is made for. */
export type Scrubber = (text: string) => string;

/** By the list of an endpoint's secrets, which lives as long as its configuration. */
const made = new WeakMap<readonly Secret[], Scrubber>();

/**
 * Takes secrets out of what an upstream says, also where it quotes them in the ways in which programs write what they were
 * sent: escaped for URLs or JSON, in base64 within any other text, in hexadecimal.
 */
export function scrubber(secrets: readonly Secret[]): Scrubber {
  const known = made.get(secrets) ?? make(secrets);
  made.set(secrets, known);
  return known;
}

function make(secrets: readonly Secret[]): Scrubber {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((one, other) => other.length - one.length);
  const shortest = forms.at(-1)?.length ?? Number.POSITIVE_INFINITY;
  return (text) => {
    if (text.length < shortest) return text;
    let clean = text;
    for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, '***');
    return clean;
  };
}

function formsOf(secret: Secret): string[] {
  const value = secret.expose();
  if (value.length < SHORTEST) return [];
  return [value, ...encoded(value).filter(({ length }) => length >= SHORTEST_ENCODED)];
}

function encoded(value: string): string[] {
  const bytes = Buffer.from(value);
  const escaped = encodeURIComponent(value.toWellFormed());
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].map((offset) => withinBase64(bytes, offset));
  return [
    JSON.stringify(value).slice(1, -1),
    escaped,
    escaped.replaceAll(/%[\dA-F]{2}/g, (found) => found.toLowerCase()),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** The characters of base64 that hold nothing but these bytes, where they come `offset` bytes after a group of three. */
function withinBase64(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  const first = Math.ceil((offset * 8) / 6);
  return text.slice(first, Math.floor(((offset + bytes.length) * 8) / 6));
}
