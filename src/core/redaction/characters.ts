/** Classes of characters, as bits. */
export const DIGIT = 1;
export const LETTER = 2;
/** What keys are made of: letters, digits, `_` and `-`. */
export const WORD = 4;
/** What may stand in a bearer token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
export const TOKEN = 8;
/** Before the `@` of an address. */
export const LOCAL = 16;
/** In the name of a host. */
export const HOST = 32;
export const UPPER = 64;
export const SPACE = 128;

const CLASSES = new Uint8Array(128);

function add(characters: string, bits: number): void {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    CLASSES[code] = (CLASSES[code] ?? 0) | bits;
  }
}

const UPPERCASE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
add('0123456789', DIGIT | WORD | TOKEN | LOCAL | HOST);
add(UPPERCASE, LETTER | WORD | TOKEN | LOCAL | HOST | UPPER);
add(UPPERCASE.toLowerCase(), LETTER | WORD | TOKEN | LOCAL | HOST);
add('_', WORD | TOKEN | LOCAL);
add('-', WORD | TOKEN | LOCAL | HOST);
add('.', TOKEN | LOCAL | HOST);
add('~+/=', TOKEN);
add("%+'", LOCAL);
add(' \t\r\n', SPACE);

/** Letters with accents, for addresses such as `jörg@müller.example`. */
const ACCENTED = LETTER | LOCAL | HOST;

/** The class of the character there, 0 beyond the text. */
export function classAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code < 128) return CLASSES[code] ?? 0;
  return code >= 0xc0 && code <= 0x24f && code !== 0xd7 && code !== 0xf7 ? ACCENTED : 0;
}

export function isAlphanumeric(text: string, index: number): boolean {
  return index >= 0 && (classAt(text, index) & (LETTER | DIGIT)) !== 0;
}

/**
 * A letter of another script than Latin: it belongs to an address such as `пример@пример.рф`, but no key goes on with it,
 * because some of these scripts have no spaces between words.
 */
export function isForeign(text: string, index: number): boolean {
  return text.charCodeAt(index) >= 0x370 && /[\p{L}\p{M}]/u.test(text.charAt(index));
}
