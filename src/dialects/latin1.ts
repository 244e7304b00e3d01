/** Between Latin-1 text (one character a byte) and the UTF-8 text that the bytes mean. */
export function utf8FromLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'latin1').toString('utf8');
}

export function latin1FromUtf8(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is meant
const NOT_ASCII = /[^\u0000-\u007f]/;

function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}
