import type { NumberColumn, RecordColumns } from '../records/record-columns.ts';
import { ID_LENGTH, MAKER_END, numberOf, TIME_DIGITS } from '../records/record-id.ts';
import { anyOf, ofTexts, type Test } from './row-tests.ts';

/** Where a text may stand in an id: what it asks of the time, of the maker and of the count. Null: nothing. */
interface Alignment {
  readonly time: Digits | null;
  readonly maker: { readonly start: number; readonly text: string } | null;
  readonly sequence: Digits | null;
}

/** Some digits of a number. */
interface Digits {
  readonly divisor: number;
  readonly modulus: number;
  readonly value: number;
}

/**
 * Looks for a part of an id of ours, in upper case. Compares numbers for each place where it may stand: writing out each id
 * and looking into it takes ten times as long.
 */
export function idSearch(text: string): (records: RecordColumns) => Test {
  const starts = Array.from({ length: ID_LENGTH - text.length + 1 }, (_, start) => start);
  const alignments = starts.map((start) => align(text, start));
  return (records) => {
    const [first, last] = boundsOf(records.number('time'), records.size);
    const tests: ((index: number) => boolean)[] = [];
    for (const alignment of alignments) {
      if (alignment.time !== null && !mayHave(alignment.time, first, last)) continue;
      const test = bind(alignment, records);
      if (typeof test === 'function') tests.push(test);
      else if (test) tests.push(() => true);
    }
    return anyOf(tests);
  };
}

function align(text: string, start: number): Alignment {
  const part = (from: number, to: number): string => text.slice(Math.max(from - start, 0), Math.max(to - start, 0));
  const inTime = part(0, TIME_DIGITS);
  const inMaker = part(TIME_DIGITS, MAKER_END);
  const inSequence = part(MAKER_END, ID_LENGTH);
  const after = (end: number): number => Math.max(end - start - text.length, 0);
  return {
    time: inTime === '' ? null : digits(inTime, after(TIME_DIGITS)),
    maker: inMaker === '' ? null : { start: Math.max(start - TIME_DIGITS, 0), text: inMaker },
    sequence: inSequence === '' ? null : digits(inSequence, after(ID_LENGTH)),
  };
}

/** These digits, with so many others behind them. */
function digits(text: string, after: number): Digits {
  return { divisor: 32 ** after, modulus: 32 ** text.length, value: numberOf(text) };
}

function has({ divisor, modulus, value }: Digits, number: number): boolean {
  return Math.floor(number / divisor) % modulus === value;
}

/** False where all numbers between these have the same digits there, and others. */
function mayHave(wanted: Digits, first: number, last: number): boolean {
  return Math.floor(first / wanted.divisor) !== Math.floor(last / wanted.divisor) || has(wanted, first);
}

function boundsOf(numbers: NumberColumn, size: number): [first: number, last: number] {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (let index = 0; index < size; index++) {
    const number = numbers[index] ?? 0;
    if (number < first) first = number;
    if (number > last) last = number;
  }
  return [first, last];
}

function bind({ time, maker, sequence }: Alignment, records: RecordColumns): Test {
  const makers = records.text('maker');
  // Others have no maker, and ids that are to be looked into.
  const isOurs = ofTexts(makers, (text) => maker === null || text.startsWith(maker.text, maker.start));
  if (isOurs === false) return false;
  const times = records.number('time');
  const sequences = records.number('sequence');
  return (index) =>
    (time === null || has(time, times[index] ?? 0)) &&
    (sequence === null || has(sequence, sequences[index] ?? 0)) &&
    (isOurs === true || isOurs(index));
}
