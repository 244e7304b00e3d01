import { editStrings } from '../redaction/json-strings.ts';

/** How long a string may be when the whole is too long: first recordings and images are shortened, then texts. */
const LENGTHS = [16_384, 2048, 256] as const;
const BLOB = /^(?:data:[\w/+.;=-]{1,100},)?[\w+/=-]{512,}$/;
const BLOB_HEAD = 64;

/** A text of at most so many bytes. JSON stays JSON as long as shorter strings are enough for that. */
export function fit(text: string, bytes: number): { readonly text: string; readonly isCut: boolean } {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return { text, isCut: false };
  if (/^\s*[[{]/.test(text)) {
    let shorter = shortened(text, (value) => (BLOB.test(value) ? BLOB_HEAD : value.length));
    for (const length of LENGTHS) {
      if (Buffer.byteLength(shorter) <= bytes) return { text: shorter, isCut: true };
      shorter = shortened(shorter, () => length);
    }
    if (Buffer.byteLength(shorter) <= bytes) return { text: shorter, isCut: true };
    return { text: head(shorter, bytes), isCut: true };
  }
  return { text: head(text, bytes), isCut: true };
}

function shortened(text: string, lengthOf: (value: string) => number): string {
  const shorten = (value: string): string => {
    const length = lengthOf(value);
    // What is cut already stands behind the length.
    if (value.length <= length + 40) return value;
    return `${value.slice(0, length).toWellFormed()}‹CUT ${value.length - length}›`;
  };
  return editStrings(text, { value: shorten, other: (rest) => rest });
}

function head(text: string, bytes: number): string {
  const mark = '‹CUT›';
  const room = Math.max(0, bytes - Buffer.byteLength(mark));
  const buffer = Buffer.from(text.slice(0, room));
  let end = Math.min(room, buffer.length);
  // Not within a character.
  while (end > 0 && ((buffer[end] ?? 0) & 0xc0) === 0x80) end--;
  return buffer.toString('utf8', 0, end) + mark;
}
