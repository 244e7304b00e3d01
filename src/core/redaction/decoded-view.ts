/** A text with what is escaped in it written out, and where each of its characters stands in the text itself. */
export interface DecodedView {
  readonly text: string;
  /** One more than characters: the last is the end. */
  readonly places: Uint32Array;
}

const SHORT: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
};

/**
 * Undoes the escapes of JSON (`\u0040`, `\n`) and of URLs (`%40`), once. Null for a text without any. What is written in
 * several layers is decoded by as many calls.
 */
export function decodeEscapes(text: string): DecodedView | null {
  if (!text.includes('\\') && !text.includes('%')) return null;
  const places = new Uint32Array(text.length + 1);
  const parts: string[] = [];
  let length = 0;
  let plainFrom = 0;
  let index = 0;
  while (index < text.length) {
    const found = escapeAt(text, index);
    if (found === null) {
      places[length++] = index++;
      continue;
    }
    if (plainFrom < index) parts.push(text.slice(plainFrom, index));
    parts.push(found.character);
    places[length++] = index;
    index += found.length;
    plainFrom = index;
  }
  if (length === text.length) return null;
  places[length] = text.length;
  parts.push(text.slice(plainFrom));
  return { text: parts.join(''), places: places.subarray(0, length + 1) };
}

interface Escape {
  /** Of UTF-16. */
  readonly character: string;
  readonly length: number;
}

function escapeAt(text: string, index: number): Escape | null {
  const code = text.charCodeAt(index);
  if (code === 0x25) return hexadecimal(text, index, index + 1, 2);
  if (code !== 0x5c) return null;
  const next = text.charAt(index + 1);
  if (next === 'u') return hexadecimal(text, index, index + 2, 4);
  if (next === 'x') return hexadecimal(text, index, index + 2, 2);
  const character = SHORT[next];
  return character === undefined ? null : { character, length: 2 };
}

function hexadecimal(text: string, start: number, from: number, digits: number): Escape | null {
  let value = 0;
  for (let index = from; index < from + digits; index++) {
    const digit = hexDigit(text.charCodeAt(index));
    if (digit < 0) return null;
    value = value * 16 + digit;
  }
  return { character: String.fromCharCode(value), length: from + digits - start };
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
