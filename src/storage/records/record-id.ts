import { timeText } from '../../core/ledger/request-id.ts';
import type { RecordColumns } from './record-columns.ts';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const VALUES = new Int8Array(128).fill(-1);
for (const [value, digit] of [...DIGITS].entries()) VALUES[digit.charCodeAt(0)] = value;

export const ID_LENGTH = 26;
export const TIME_DIGITS = 10;
/** Behind it is the count. */
export const MAKER_END = 22;

/** An id of ours: when, by whom, and which one of that millisecond. */
export interface IdParts {
  readonly time: number;
  readonly maker: string;
  readonly sequence: number;
}

/** Null for an id that is none of ours. */
export function readId(id: string): IdParts | null {
  if (id.length !== ID_LENGTH) return null;
  for (let index = 0; index < ID_LENGTH; index++) if (digitAt(id, index) < 0) return null;
  const time = numberOf(id.slice(0, TIME_DIGITS));
  return { time, maker: id.slice(TIME_DIGITS, MAKER_END), sequence: numberOf(id.slice(MAKER_END)) };
}

/** What digits of an id say. */
export function numberOf(digits: string): number {
  let number = 0;
  for (let index = 0; index < digits.length; index++) number = number * 32 + digitAt(digits, index);
  return number;
}

function digitAt(id: string, index: number): number {
  const code = id.charCodeAt(index);
  return code < VALUES.length ? (VALUES[code] ?? -1) : -1;
}

/** Writes out the ids of a block. Those that follow each other mostly have the same millisecond. */
export class IdWriter {
  readonly #records: RecordColumns;
  readonly #time: ArrayLike<number>;
  readonly #sequence: ArrayLike<number>;
  readonly #makers: ReturnType<RecordColumns['text']>;
  #last = -1;
  #lastText = '';

  constructor(records: RecordColumns) {
    this.#records = records;
    this.#time = records.number('time');
    this.#sequence = records.number('sequence');
    this.#makers = records.text('maker');
  }

  id(index: number): string {
    const maker = this.#makers.values[this.#makers.places[index] ?? 0] ?? null;
    if (maker === null) return this.#records.extras(index)?.id ?? '';
    const time = this.#time[index] ?? 0;
    if (time !== this.#last) {
      this.#last = time;
      this.#lastText = timeText(time);
    }
    const sequence = this.#sequence[index] ?? 0;
    return (
      this.#lastText + maker + digit(sequence >> 15) + digit(sequence >> 10) + digit(sequence >> 5) + digit(sequence)
    );
  }
}

function digit(value: number): string {
  return DIGITS.charAt(value & 31);
}
