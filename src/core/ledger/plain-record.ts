import { TOKEN_BUCKETS } from '../neutral/usage.ts';

/**
 * A plain record is one of a request that reached an upstream once and went well: words of 32 bits, which cost a tenth of
 * what their JSON would. Here is what each word says; `journal-entry.ts` has the general form. Texts are definitions, given
 * by their numbers within the segment.
 */

/** What many records share: the members of `gateway/common-members.ts`. */
export const SHAPE_WORD = 0;
/** Who asks, as the headers say it, and as the body does; 0 for nothing. */
export const CALLER_WORD = 1;
export const BODY_CALLER_WORD = 2;
/** The id: the random part of its maker, its count within the millisecond, and the milliseconds, low and high half. */
export const MAKER_WORD = 3;
export const COUNT_WORD = 4;
export const TIME_WORD = 5;
export const FLAGS_WORD = 7;
/** Nine, in the order of `phases` in `journal-entry.ts`: whole microseconds, -1 for what never was. */
export const PHASES_WORD = 8;
export const PHASES = 9;
export const REQUEST_BYTES_WORD = PHASES_WORD + PHASES;
export const RESPONSE_BYTES_WORD = REQUEST_BYTES_WORD + 1;
/** In the order of `TOKEN_BUCKETS`. */
export const USAGE_WORD = RESPONSE_BYTES_WORD + 1;
/** The length in bytes of the upstream's name for the request; 0 for none. Its Latin-1 bytes follow. */
export const UPSTREAM_ID_WORD = USAGE_WORD + TOKEN_BUCKETS.length;
export const PLAIN_WORDS = UPSTREAM_ID_WORD + 1;

export const HAS_USAGE = 1;
export const IS_ESTIMATED = 2;

/** Milliseconds since 1970. */
export function timeAt(words: Int32Array, at: number): number {
  return (words[at + TIME_WORD + 1] ?? 0) * 2 ** 32 + ((words[at + TIME_WORD] ?? 0) >>> 0);
}

/** Writes the upstream's name for the request, four characters a word. It is of single bytes. */
export function writeUpstreamId(words: Int32Array, at: number, id: string): void {
  const { length } = id;
  words[at + UPSTREAM_ID_WORD] = length;
  let word = at + PLAIN_WORDS;
  let index = 0;
  for (; index + 3 < length; index += 4) {
    words[word++] =
      id.charCodeAt(index) |
      (id.charCodeAt(index + 1) << 8) |
      (id.charCodeAt(index + 2) << 16) |
      (id.charCodeAt(index + 3) << 24);
  }
  if (index === length) return;
  let rest = 0;
  for (let shift = 0; index < length; index++, shift += 8) rest |= id.charCodeAt(index) << shift;
  words[word] = rest;
}

/** Bytes; what is longer goes as text. */
export const LONGEST_UPSTREAM_ID = 256;

const COPY = new Int32Array(LONGEST_UPSTREAM_ID / 4);
const COPIED = Buffer.from(COPY.buffer);

/** The upstream's name for the request, or null. It is copied first, because a view of each would cost more. */
export function upstreamIdAt(words: Int32Array, at: number): string | null {
  const length = Math.min(words[at + UPSTREAM_ID_WORD] ?? 0, LONGEST_UPSTREAM_ID);
  if (length === 0) return null;
  const from = at + PLAIN_WORDS;
  for (let index = 0; index * 4 < length; index++) COPY[index] = words[from + index] ?? 0;
  return COPIED.toString('latin1', 0, length);
}
