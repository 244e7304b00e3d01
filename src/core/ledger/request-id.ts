import { Definition } from './definition.ts';

/** Crockford's base32: no letters that are taken for digits. https://www.crockford.com/base32.html */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Every pair of digits: an id is put together from few pieces. */
const PAIRS = Array.from({ length: 1024 }, (_, value) => digit(value >> 5) + digit(value & 31));

const RANDOM_BYTES = 12;
/** Four digits count the ids of one millisecond. */
const MOST_IN_A_MILLISECOND = 32 ** 4;

/**
 * Ids of 26 characters that sort by time: milliseconds since 1970 (10), what is random to this maker (12), and a count
 * within the millisecond (4). Those of one maker never go backwards, whatever the clock does.
 */
export class RequestIds {
  /** What is random to this maker. */
  readonly maker: Definition;
  #time = -1;
  #count = -1;
  /** Of all ids of the millisecond, and with the first two digits of the count. */
  #prefix = '';
  #counted = '';

  constructor(random: Uint8Array = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))) {
    this.maker = new Definition(Array.from(random, (byte) => digit(byte & 31)).join(''));
  }

  /** Of the id that was made last: milliseconds since 1970, which may be later than when it was made. */
  get time(): number {
    return this.#time;
  }

  /** Its place among the ids of that millisecond, from 0. */
  get count(): number {
    return this.#count;
  }

  /** `now` is in milliseconds since 1970. */
  next(now: number): string {
    if (now > this.#time) this.#begin(now);
    else if (this.#count === MOST_IN_A_MILLISECOND - 1) this.#begin(this.#time + 1);
    const count = this.#count + 1;
    this.#count = count;
    // Joined into one text, where `+` would leave a tree of pieces for every id to be read from.
    if ((count & 1023) === 0) this.#counted = [this.#prefix, PAIRS[count >> 10]].join('');
    return this.#counted + PAIRS[count & 1023];
  }

  #begin(time: number): void {
    this.#time = time;
    this.#count = -1;
    this.#prefix = timeText(time) + this.maker.text;
  }
}

/** The first ten characters of every id of a millisecond: a range of ids is a range of time. */
export function timeText(milliseconds: number): string {
  const time = Math.max(0, milliseconds);
  const high = Math.floor(time / 2 ** 30);
  const low = time % 2 ** 30;
  return pair(high >> 10) + pair(high) + pair(low >> 20) + pair(low >> 10) + pair(low);
}

/** The id of these numbers. */
export function requestIdOf(time: number, maker: string, count: number): string {
  return timeText(time) + maker + pair(count >> 10) + pair(count);
}

/** Of the lowest ten bits. */
function pair(value: number): string {
  return PAIRS[value & 1023] ?? '';
}

function digit(value: number): string {
  return ALPHABET.charAt(value);
}
