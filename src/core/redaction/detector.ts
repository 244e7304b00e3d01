import { classAt, DIGIT, isAlphanumeric, LETTER, SPACE, TOKEN, UPPER, WORD } from './characters.ts';
import { findEmail } from './email.ts';
import { type KeyShape, shapesAt } from './key-shapes.ts';
import type { PersonalKind } from './kinds.ts';
import {
  authorizationAfter,
  isDense,
  isMixed,
  type NamedValue,
  passwordAfter,
  spokenName,
  valueEnd,
} from './named-values.ts';
import { findCard, findIban, findIp, findPhone } from './numbers.ts';
import { isPasswordName, isSecretName } from './secret-names.ts';
import type { Span } from './spans.ts';

/** Whole runs of these are a recording or an image, in which no key stands. */
const BLOB = 1024;
/** Of a name before `=` or `:`. */
const LONGEST_NAME = 64;
/** What looks like a key is one by then, and goes on to its end; what does not is looked at no further. */
const TYPICAL_KEY = 256;
const LONGEST_CREDENTIALS = 512;
/** One of 16,384 bits has some 12,000 characters. */
const LONGEST_PRIVATE_KEY = 16_384;

/**
 * Finds credentials and personal data in one text, from its beginning to its end, and looks at no character more often
 * than a fixed number of times. `steps` counts them.
 */
export class Detector {
  readonly spans: Span[] = [];
  steps = 0;
  readonly #text: string;
  readonly #kinds: ReadonlySet<PersonalKind>;

  constructor(text: string, kinds: ReadonlySet<PersonalKind>) {
    this.#text = text;
    this.#kinds = kinds;
  }

  run(): readonly Span[] {
    const text = this.#text;
    let index = 0;
    while (index < text.length) {
      const bits = classAt(text, index);
      if ((bits & WORD) !== 0) {
        const end = this.#endOf(WORD, index);
        index = this.#word(index, end);
        continue;
      }
      const code = text.charCodeAt(index);
      if (code === 0x40) this.#email(index);
      else if (code === 0x3a) this.#colon(index);
      else if (code === 0x2b || code === 0x28) this.#phone(index);
      index++;
      this.steps++;
    }
    return this.spans;
  }

  /** Where the run of characters of a class ends that begins there. */
  #endOf(bits: number, start: number, limit = Number.MAX_SAFE_INTEGER): number {
    const text = this.#text;
    const most = Math.min(text.length, limit);
    let end = start;
    while (end < most && (classAt(text, end) & bits) !== 0) end++;
    this.steps += end - start + 1;
    return end;
  }

  /** Gives where to go on. */
  #word(start: number, end: number): number {
    const text = this.#text;
    const length = end - start;
    if (length >= 10 && text.startsWith('-----BEGIN', end - 10)) return this.#privateKey(end - 10, end);
    if ((classAt(text, start) & DIGIT) !== 0) this.#number(start);
    else if ((classAt(text, start) & UPPER) !== 0) this.#iban(start);
    else if (this.#kinds.has('ip')) this.#take('ip', start, findIp(text, start));
    const named = length < 3 ? null : this.#namedHere(start, end);
    if (named !== null) return named;
    if (length < 6) return this.#dotted(start, end) ?? end;
    const after = this.#named(start) ?? this.#field(start) ?? this.#jwt(start, end);
    if (after !== null) return after;
    if (length < BLOB || this.#hasBreak(start, end)) this.#keys(start, end);
    return end;
  }

  /** The word is a name, and a secret stands behind it. */
  #namedHere(start: number, end: number): number | null {
    const password = passwordAfter(this.#text, start, end);
    if (password !== null) return this.#value('password', password);
    const token = end - start < 13 ? null : authorizationAfter(this.#text, start, end);
    return token === null ? null : this.#value('token', token);
  }

  #value(kind: string, { start, end }: NamedValue): number {
    this.steps += end - start;
    return this.#found(kind, start, end);
  }

  /** Some keys have a full stop or a slash in what they begin with. */
  #dotted(start: number, end: number): number | null {
    const code = this.#text.charCodeAt(end);
    if (code !== 0x2e && code !== 0x2f) return null;
    return this.#keyAt(start, true);
  }

  /** Text of that length has a `-` or `_` in it; base64 of the common alphabet has none. */
  #hasBreak(start: number, end: number): boolean {
    this.steps += end - start;
    for (let index = start; index < end; index++) {
      if ((classAt(this.#text, index) & (LETTER | DIGIT)) === 0) return true;
    }
    return false;
  }

  /** Every place of a word at which a key may begin. */
  #keys(start: number, end: number): void {
    const text = this.#text;
    for (let index = start; index < end - 1; index++) {
      const keyEnd = this.#keyAt(index, index === start || !isAlphanumeric(text, index - 1));
      if (keyEnd !== null) index = keyEnd;
    }
  }

  /** Where the key ends that begins there, or null. */
  #keyAt(index: number, isAtBorder: boolean): number | null {
    this.steps++;
    const shapes = shapesAt(this.#text, index);
    if (shapes === undefined) return null;
    for (const shape of shapes) {
      if (!(shape.isTelling || isAtBorder) || !this.#text.startsWith(shape.prefix, index)) continue;
      const end = this.#keyEnd(shape, index);
      if (end !== null) return this.#found(shape.kind, index, end);
    }
    return null;
  }

  #keyEnd({ prefix, least, alphabet, needsRandom }: KeyShape, start: number): number | null {
    const text = this.#text;
    const from = start + prefix.length;
    const bits = alphabet === 'wide' ? TOKEN : WORD;
    const end = this.#endOf(bits, from, from + TYPICAL_KEY);
    if (alphabet === 'hex' || alphabet === 'capitals') {
      const last = runEnd(text, from, end, alphabet === 'hex' ? HEX : CAPITALS);
      return last - from < least || isAlphanumeric(text, last) ? null : last;
    }
    if (end - from < least || (needsRandom && !this.#looksRandom(from, end))) return null;
    return this.#trimmed(from, this.#endOf(bits, end));
  }

  /** Has a run of letters and digits that no word is: long, or mixed. */
  #looksRandom(start: number, end: number): boolean {
    const text = this.#text;
    let run = 0;
    let seen = 0;
    for (let index = start; index < end; index++) {
      this.steps++;
      const bits = classAt(text, index) & (LETTER | DIGIT);
      run = bits === 0 ? 0 : run + 1;
      seen = bits === 0 ? 0 : seen | bits;
      if (run >= 20 || (run >= 10 && seen === (LETTER | DIGIT))) return true;
    }
    return false;
  }

  /** What stands after `Bearer`, or after a name such as `api_key` and `=` or `:`. Gives where to go on, or null. */
  #named(start: number): number | null {
    const text = this.#text;
    if (text.charCodeAt(start - 2) === 0x73 && text.startsWith(' is ', start - 4))
      return this.#assigned(spokenName(text, start - 4), start);
    let index = start;
    let assigns = false;
    let equals = false;
    while (index > 0 && start - index < 6) {
      const code = text.charCodeAt(index - 1);
      if (code === 0x3d) assigns = equals = true;
      else if (code === 0x3a) assigns = true;
      else if (code !== 0x20 && code !== 0x22 && code !== 0x27 && code !== 0x09 && code !== 0x5c && code !== 0x3e)
        break;
      index--;
    }
    this.steps += start - index;
    if (index === start || !(assigns || /[crCR]/.test(text.charAt(index - 1)))) return null;
    let begin = index;
    while (begin > 0 && index - begin < LONGEST_NAME && (classAt(text, begin - 1) & WORD) !== 0) begin--;
    this.steps += index - begin;
    const name = text.slice(begin, index);
    if (assigns) return this.#assigned(name, start, equals) ?? this.#assigned(spokenName(text, index), start);
    return /^(?:bearer|basic)$/i.test(name) ? this.#bearer(start, begin) : null;
  }

  /** The value of a form's field, `name="password"` and a blank line before it, whose line ends may have become spaces. */
  #field(start: number): number | null {
    const text = this.#text;
    let quote = start - 1;
    while (quote > 0 && start - quote < 12 && (classAt(text, quote) & SPACE) !== 0) quote--;
    this.steps += start - quote;
    if (start - quote < 3 || text.charCodeAt(quote) !== 0x22) return null;
    let begin = quote;
    while (begin > 0 && quote - begin < LONGEST_NAME && (classAt(text, begin - 1) & WORD) !== 0) begin--;
    this.steps += quote - begin;
    return text.endsWith('name="', begin) ? this.#assigned(text.slice(begin, quote), start) : null;
  }

  #bearer(start: number, schemeStart: number): number | null {
    const end = this.#endOf(TOKEN, start, start + TYPICAL_KEY);
    const isHeader = /authorization(?:["'\s:=\\]{1,6}|\\?["'] ?, ?\\?["'])$/i.test(
      this.#text.slice(Math.max(0, schemeStart - 24), schemeStart),
    );
    if (end - start < (isHeader ? 6 : 16) || (!isHeader && !this.#looksRandom(start, end))) return null;
    return this.#found('token', start, this.#trimmed(start, this.#endOf(TOKEN, end)));
  }

  /** `equals`: as in `token=`, while `token:` is a word of prose, and of language models. */
  #assigned(name: string, start: number, equals = false): number | null {
    const text = this.#text;
    if (isPasswordName(name)) {
      const end = valueEnd(text, start);
      this.steps += end - start;
      return end - start >= 6 && isMixed(text, start, end) ? this.#found('password', start, end) : null;
    }
    if (!isSecretName(name) && !(equals && /(?:^|[_-])token$/i.test(name))) return null;
    const end = this.#endOf(TOKEN, start, start + TYPICAL_KEY);
    if (end - start < 12 || !(this.#looksRandom(start, end) || isDense(text, start, end))) return null;
    return text.charAt(end) === '('
      ? null
      : this.#found('api_key', start, this.#trimmed(start, this.#endOf(TOKEN, end)));
  }

  #trimmed(start: number, end: number): number {
    let last = end;
    while (last > start && this.#text.charCodeAt(last - 1) === 0x2e) last--;
    return last;
  }

  /** Three parts with full stops between them, of which the first begins as every JSON object does in base64. */
  #jwt(start: number, end: number): number | null {
    const text = this.#text;
    if (text.charCodeAt(end) !== 0x2e) return null;
    const from = text.slice(start, Math.min(end, start + LONGEST_NAME)).indexOf('eyJ');
    // Of JSON that begins with a space or a line end, which words may do too, the second part must do the same.
    const isSpaced = from < 0 && SPACED_JSON.test(text.slice(start, start + 3));
    if ((from < 0 && !isSpaced) || end - start - Math.max(from, 0) < 10) return null;
    const second = this.#endOf(WORD, end + 1);
    if (second - end < 5 || (isSpaced && !SPACED_JSON.test(text.slice(end + 1, end + 4)))) return null;
    const isWhole = text.charCodeAt(second) === 0x2e;
    if (!isWhole && !text.startsWith('eyJ', end + 1)) return null;
    const last = isWhole ? this.#trimmed(second, this.#endOf(WORD | TOKEN, second)) : second;
    return this.#found('jwt', start + Math.max(from, 0), last);
  }

  /** From its first line to its last, whatever quotes its lines; where that is missing, as far as it may go. */
  #privateKey(start: number, end: number): number {
    const text = this.#text;
    const header = /^[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/.exec(text.slice(end, end + 80));
    if (header === null) return end;
    const from = end + header[0].length;
    const close = this.#keyClose(from);
    if (close !== null) return this.#found('private_key', start, close);
    let index = from;
    while (index < text.length && isKeyText(text, index)) index++;
    this.steps += index - from;
    return this.#found('private_key', start, index);
  }

  /** Before the next key begins, so that no part of a text is searched twice. */
  #keyClose(from: number): number | null {
    const text = this.#text;
    const rest = text.slice(from, from + LONGEST_PRIVATE_KEY);
    const next = rest.indexOf('-----BEGIN');
    const body = next < 0 ? rest : rest.slice(0, next);
    this.steps += body.length;
    const last = body.indexOf('-----END');
    if (last < 0) return null;
    const close = body.slice(last + 8, last + 80).indexOf('-----');
    return from + last + 8 + (close < 0 ? 0 : close + 5);
  }

  #email(at: number): void {
    if (!this.#kinds.has('email')) return;
    const email = findEmail(this.#text, at, (steps) => {
      this.steps += steps;
    });
    if (email !== null) this.#found('email', email.start, email.end);
  }

  /** The password in `scheme://user:password@host`. */
  #colon(index: number): void {
    const text = this.#text;
    if (!text.startsWith('//', index + 1)) return;
    const start = index + 3;
    this.#webhook(start);
    const most = Math.min(text.length, start + LONGEST_CREDENTIALS);
    let colon = -1;
    let at = -1;
    for (let end = start; end < most; end++) {
      this.steps++;
      const character = text.charAt(end);
      // A password may have one in it, though it should be escaped.
      if (character === '@') at = end;
      else if (character === ':' && colon < 0) colon = end;
      else if ('/?#"\'<>\\,;'.includes(character) || (classAt(text, end) & SPACE) !== 0) break;
    }
    if (colon > 0 && at - colon > 1) this.#found('password', colon + 1, at);
  }

  /** Whoever has the URL may write: its path is the credential. */
  #webhook(start: number): void {
    const prefix = WEBHOOKS.find((each) => this.#text.startsWith(each, start));
    if (prefix === undefined) return;
    const from = start + prefix.length;
    const end = this.#endOf(TOKEN, from, from + TYPICAL_KEY);
    if (end - from >= 30) this.#found('api_key', from, this.#trimmed(from, end));
  }

  #number(start: number): void {
    const text = this.#text;
    if (this.#kinds.has('card')) this.#take('card', start, findCard(text, start));
    if (this.#kinds.has('ip')) this.#take('ip', start, findIp(text, start));
    if (this.#kinds.has('phone')) this.#take('phone', start, findPhone(text, start));
    this.steps += 40;
  }

  #iban(start: number): void {
    this.steps += 40;
    if (this.#kinds.has('iban')) this.#take('iban', start, findIban(this.#text, start));
    if (this.#kinds.has('ip')) this.#take('ip', start, findIp(this.#text, start));
  }

  #phone(start: number): void {
    if (!this.#kinds.has('phone')) return;
    this.steps += 20;
    this.#take('phone', start, findPhone(this.#text, start));
  }

  #take(kind: PersonalKind, start: number, end: number | null): void {
    if (end !== null) this.#found(kind, start, end);
  }

  #found(kind: string, start: number, end: number): number {
    this.spans.push({ start, end, kind });
    return end;
  }
}

const WEBHOOKS: readonly string[] = ['hooks.slack.com/services/', 'discord.com/api/webhooks/'];
/** `{ `, `{` and a line end. */
const SPACED_JSON = /^(?:eyA|ewo|ew0)/;
const HEX = /[0-9a-fA-F]/;
const CAPITALS = /[A-Z0-9]/;

function runEnd(text: string, start: number, most: number, of: RegExp): number {
  let end = start;
  while (end < most && of.test(text.charAt(end))) end++;
  return end;
}

/** Base64, line ends as they are and as they are written in strings, and the headers of encrypted keys. */
function isKeyText(text: string, index: number): boolean {
  return (classAt(text, index) & (TOKEN | SPACE)) !== 0 || ':,\\()'.includes(text.charAt(index));
}
