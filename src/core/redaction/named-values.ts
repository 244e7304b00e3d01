import { classAt, DIGIT, LETTER, SPACE, TOKEN, WORD } from './characters.ts';
import { isPasswordName } from './secret-names.ts';

/** A value that is a secret because of the name before it: where it begins and ends. */
export interface NamedValue {
  readonly start: number;
  readonly end: number;
}

const LONGEST_NAME = 64;
const LONGEST_VALUE = 256;
const SHORTEST_PASSWORD = 6;

/**
 * `=`, `:`, `=>`, `:=` or `is`, and the quotes and spaces around it, also where quotes are escaped. Not over the end of a
 * line: what stands there is another field.
 */
const ASSIGNMENT = /^(?:\\{0,3}["'])?[ \t]{0,4}(?:[:=]{1,2}>?|is(?= ))[ \t]{0,4}(?:\\{0,3}["'`])?/;
const LONGEST_ASSIGNMENT = 24;

/**
 * The password that stands after its name, which is the word from `start` to `end`. It may begin with any sign; with a digit
 * or a sign in it, because words of prose have none.
 */
export function passwordAfter(text: string, start: number, end: number): NamedValue | null {
  if (end - start > LONGEST_NAME || !mayBePasswordName(text, end)) return null;
  if (!isPasswordName(text.slice(start, end))) return null;
  const assignment = ASSIGNMENT.exec(text.slice(end, end + LONGEST_ASSIGNMENT))?.[0];
  if (assignment === undefined) return null;
  const from = end + assignment.length;
  const to = valueEnd(text, from);
  return to - from >= SHORTEST_PASSWORD && isMixed(text, from, to) ? { start: from, end: to } : null;
}

/** By its last two letters, because every word of a text is asked: `password`, `passwd`, `pwd`, `passphrase`. */
function mayBePasswordName(text: string, end: number): boolean {
  const before = text.charCodeAt(end - 2) | 32;
  const last = text.charCodeAt(end - 1) | 32;
  return last === 0x64 ? before === 0x72 || before === 0x77 : last === 0x65 && before === 0x73;
}

/** Up to a space, a quotation mark or what separates fields. */
export function valueEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && end - start < LONGEST_VALUE && !' \t\r\n"\'`,;&<>)}]\\'.includes(text.charAt(end))) end++;
  return end;
}

/** With a digit or a sign in it, and not a variable such as `$DB_PASSWORD` or `${password}`. */
export function isMixed(text: string, start: number, end: number): boolean {
  const value = text.slice(start, end);
  return /[\d!@#$%^*?+=~]/.test(value) && !/^\$(?:[A-Za-z_]+$|\{|\()/.test(value);
}

/** Other words than `Bearer` and `Basic`, which stand for themselves. */
const SCHEME = /^["'\s:=\\]{1,6}(?:token|api-?key|key|bot|ssws)[ \t]{1,4}/i;
const LONGEST_SCHEME = 24;

/** What stands after `Authorization: Token` and the like. */
export function authorizationAfter(text: string, start: number, end: number): NamedValue | null {
  if (end - start > 20 || !/authorization$/i.test(text.slice(start, end))) return null;
  const scheme = SCHEME.exec(text.slice(end, end + LONGEST_SCHEME))?.[0];
  if (scheme === undefined) return null;
  const from = end + scheme.length;
  let to = from;
  while (to < text.length && to - from < LONGEST_VALUE && (classAt(text, to) & TOKEN) !== 0) to++;
  return to - from >= 12 && /\d/.test(text.slice(from, to)) ? { start: from, end: to } : null;
}

/** Of `API key: …` the three words before the colon that ends at `end`, as one name: `api_key`. */
export function spokenName(text: string, end: number): string {
  const words: string[] = [];
  let index = end;
  while (words.length < 3) {
    let begin = index;
    while (begin > 0 && index - begin < LONGEST_NAME && (classAt(text, begin - 1) & WORD) !== 0) begin--;
    if (begin === index) break;
    words.unshift(text.slice(begin, index));
    if (begin === 0 || (classAt(text, begin - 1) & SPACE) === 0 || text.charAt(begin - 1) === '\n') break;
    index = begin - 1;
  }
  return words.join('_');
}

const BASE64 = /^[A-Za-z0-9+/]{32,}={0,2}$/;

/** Base64 whose signs leave no long run of letters and digits, as the secrets of AWS often have it. */
export function isDense(text: string, start: number, end: number): boolean {
  const value = text.slice(start, end);
  if (!BASE64.test(value) || !/[a-z]/.test(value) || !/[A-Z]/.test(value)) return false;
  for (let index = start; index < end; index++) if ((classAt(text, index) & (LETTER | DIGIT)) === DIGIT) return true;
  return false;
}
