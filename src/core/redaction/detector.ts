import { classAt, DIGIT, HOST, isAlphanumeric, LETTER, LOCAL, SPACE, TOKEN, UPPER, WORD } from './characters.ts';
import { type KeyShape, shapesAt } from './key-shapes.ts';
import type { PersonalKind } from './kinds.ts';
import { findCard, findIban, findIp, findPhone } from './numbers.ts';
import { isPasswordName, isSecretName } from './secret-names.ts';
import type { Span } from './spans.ts';

/** Whole runs of these are a recording or an image, in which no key stands. */
const BLOB = 1024;
/** Of a name before `=` or `:`. */
const LONGEST_NAME = 64;
/** What looks like a key is one by then, and goes on to its end; what does not is looked at no further. */
const TYPICAL_KEY = 256;
/** https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1 */
const LONGEST_LOCAL = 64;
const LONGEST_HOST = 253;
const LONGEST_CREDENTIALS = 512;

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
    if (length < 6) return this.#dotted(start, end) ?? end;
    const after = this.#named(start) ?? this.#field(start) ?? this.#jwt(start, end);
    if (after !== null) return after;
    if (length < BLOB || this.#hasBreak(start, end)) this.#keys(start, end);
    return end;
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
    let index = start;
    let assigns = false;
    while (index > 0 && start - index < 6) {
      const code = text.charCodeAt(index - 1);
      if (code === 0x3d || code === 0x3a) assigns = true;
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
    if (assigns) return this.#assigned(name, start);
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
    const isHeader = /authorization["'\s:=\\]{1,6}$/i.test(
      this.#text.slice(Math.max(0, schemeStart - 24), schemeStart),
    );
    if (end - start < (isHeader ? 6 : 16) || (!isHeader && !this.#looksRandom(start, end))) return null;
    return this.#found('token', start, this.#trimmed(start, this.#endOf(TOKEN, end)));
  }

  #assigned(name: string, start: number): number | null {
    const text = this.#text;
    if (isPasswordName(name)) {
      const end = this.#valueEnd(start);
      return end - start >= 6 && this.#isMixed(start, end) ? this.#found('password', start, end) : null;
    }
    if (!isSecretName(name)) return null;
    const end = this.#endOf(TOKEN, start, start + TYPICAL_KEY);
    if (end - start < 12 || !this.#looksRandom(start, end)) return null;
    return text.charAt(end) === '('
      ? null
      : this.#found('api_key', start, this.#trimmed(start, this.#endOf(TOKEN, end)));
  }

  /** Up to a space, a quotation mark or what separates fields. */
  #valueEnd(start: number): number {
    const text = this.#text;
    let end = start;
    while (end < text.length && end - start < 256 && !' \t\r\n"\'`,;&<>)}]\\'.includes(text.charAt(end))) end++;
    this.steps += end - start;
    return end;
  }

  /** With a digit or a sign in it: words of prose have none. */
  #isMixed(start: number, end: number): boolean {
    return /[\d!@#$%^*?+=~]/.test(this.#text.slice(start, end));
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
    if (from < 0 || end - start - from < 10) return null;
    const second = this.#endOf(WORD, end + 1);
    if (second - end < 5) return null;
    const isWhole = text.charCodeAt(second) === 0x2e;
    if (!isWhole && !text.startsWith('eyJ', end + 1)) return null;
    const last = isWhole ? this.#trimmed(second, this.#endOf(WORD | TOKEN, second)) : second;
    return this.#found('jwt', start + from, last);
  }

  /** From its first line to its last; where that is missing, as far as it may go. */
  #privateKey(start: number, end: number): number {
    const text = this.#text;
    const header = /^[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/.exec(text.slice(end, end + 80));
    if (header === null) return end;
    let index = end + header[0].length;
    while (index < text.length && isKeyText(text, index)) {
      this.steps++;
      if (text.startsWith('-----END', index)) {
        const close = text.slice(index + 8, index + 80).indexOf('-----');
        return this.#found('private_key', start, close < 0 ? index + 8 : index + 8 + close + 5);
      }
      index++;
    }
    return this.#found('private_key', start, index);
  }

  #email(at: number): void {
    if (!this.#kinds.has('email')) return;
    const text = this.#text;
    let start = at;
    while (start > 0 && at - start < LONGEST_LOCAL && (classAt(text, start - 1) & LOCAL) !== 0) start--;
    this.steps += at - start;
    while (start < at && (classAt(text, start) & (LETTER | DIGIT)) === 0) start++;
    if (start === at || text.charAt(at - 1) === '.') return;
    const end = this.#hostEnd(at + 1);
    if (end !== null) this.#found('email', start, end);
  }

  /** Of at least two labels, the last of them of letters. */
  #hostEnd(start: number): number | null {
    const text = this.#text;
    let end = this.#endOf(HOST, start, start + LONGEST_HOST);
    while (end > start && (classAt(text, end - 1) & (LETTER | DIGIT)) === 0) end--;
    const host = text.slice(start, end);
    const dot = host.lastIndexOf('.');
    // `logo@2x.png` is a picture.
    if (dot < 1 || host.includes('..') || host.startsWith('.') || /^\dx\./.test(host)) return null;
    return /^\p{L}{2,63}$|^xn--[\w-]+$/u.test(host.slice(dot + 1)) ? end : null;
  }

  /** The password in `scheme://user:password@host`. */
  #colon(index: number): void {
    const text = this.#text;
    if (!text.startsWith('//', index + 1)) return;
    const start = index + 3;
    const most = Math.min(text.length, start + LONGEST_CREDENTIALS);
    let colon = -1;
    for (let end = start; end < most; end++) {
      this.steps++;
      const character = text.charAt(end);
      if (character === '@') {
        if (colon > 0 && end - colon > 1) this.#found('password', colon + 1, end);
        return;
      }
      if (character === ':' && colon < 0) colon = end;
      else if ('/?#"\'<>\\'.includes(character) || (classAt(text, end) & SPACE) !== 0) return;
    }
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
