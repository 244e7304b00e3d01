import { isJsonObject } from '../types.ts';

/** What is kept of a caller is small, whatever a request says. */
const MOST_TAGS = 16;
const LONGEST_KEY = 64;
const LONGEST_VALUE = 256;
export const LONGEST_MESSAGE = 1024;

export type Tags = Record<string, string>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const CONTROLS = new RegExp(CONTROL, 'g');

/** A text without control characters, and no longer than that. */
export function clean(text: string, longest = LONGEST_VALUE): string {
  const printable = CONTROL.test(text) ? text.replace(CONTROLS, ' ') : text;
  return printable.length <= longest ? printable : printable.slice(0, longest).toWellFormed();
}

/** Tags of a JSON object: texts, numbers and truth values; whatever else it has is left out. */
export function tagsOf(object: Readonly<Record<string, unknown>>): Tags {
  const tags: Tags = {};
  let count = 0;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    if (count === MOST_TAGS) break;
    count++;
    define(tags, key, String(value));
  }
  return tags;
}

/** Of a header, `team=search,run=7` or a JSON object. */
export function readTags(header: string): Tags {
  const text = header.trim();
  if (text.startsWith('{')) {
    try {
      const object: unknown = JSON.parse(text);
      return isJsonObject(object) ? tagsOf(object) : {};
    } catch {
      return {};
    }
  }
  const tags: Tags = {};
  for (const item of text.split(',', MOST_TAGS)) {
    const equals = item.indexOf('=');
    if (equals > 0) define(tags, item.slice(0, equals).trim(), item.slice(equals + 1).trim());
  }
  return tags;
}

/** Also under a name such as `__proto__`. */
function define(tags: Tags, key: string, value: string): void {
  const name = clean(key, LONGEST_KEY).trim();
  if (name === '') return;
  Object.defineProperty(tags, name, { value: clean(value), enumerable: true, configurable: true, writable: true });
}

/** The first of them that fit. */
export function joinTags(...sources: readonly (Tags | undefined)[]): Tags {
  return tagsOf(Object.assign({}, ...sources));
}
