import type { RecordColumns, TextColumn } from '../records/record-columns.ts';

/** What holds for all requests of a block, or for none, or is to be asked of each. */
export type Test = boolean | ((index: number) => boolean);

/** `payloads` is null while it is not known which requests have kept texts. */
export type BoundTest = (records: RecordColumns, payloads: ReadonlySet<string> | null) => Test;

export function both(parts: readonly BoundTest[]): BoundTest {
  return (records, payloads) => {
    const tests = undecided(parts, false, records, payloads);
    if (tests === null) return false;
    const [first, second] = tests;
    if (first === undefined) return true;
    if (second === undefined) return first;
    if (tests.length === 2) return (index) => first(index) && second(index);
    return (index) => {
      for (const test of tests) if (!test(index)) return false;
      return true;
    };
  };
}

export function either(parts: readonly BoundTest[]): BoundTest {
  return (records, payloads) => {
    const tests = undecided(parts, true, records, payloads);
    return tests === null ? true : anyOf(tests);
  };
}

export function anyOf(tests: readonly ((index: number) => boolean)[]): Test {
  const [first, second] = tests;
  if (first === undefined) return false;
  if (second === undefined) return first;
  if (tests.length === 2) return (index) => first(index) || second(index);
  return (index) => {
    for (const test of tests) if (test(index)) return true;
    return false;
  };
}

export function inverted(part: BoundTest): BoundTest {
  return (records, payloads) => {
    const test = part(records, payloads);
    return typeof test === 'function' ? (index) => !test(index) : !test;
  };
}

/** Those that are to be asked of each request; null where one of them decides for all. */
function undecided(
  parts: readonly BoundTest[],
  decisive: boolean,
  records: RecordColumns,
  payloads: ReadonlySet<string> | null,
): ((index: number) => boolean)[] | null {
  const tests: ((index: number) => boolean)[] = [];
  for (const part of parts) {
    const test = part(records, payloads);
    if (test === decisive) return null;
    if (typeof test === 'function') tests.push(test);
  }
  return tests;
}

/** Looks at each text once. None fails. */
export function ofTexts({ values, places }: TextColumn, holds: (text: string) => boolean): Test {
  const marks = new Uint8Array(values.length);
  let count = 0;
  for (let place = 0; place < values.length; place++) {
    const text = values[place] ?? null;
    if (text === null || !holds(text)) continue;
    marks[place] = 1;
    count++;
  }
  if (count === 0) return false;
  if (count === values.length) return true;
  const only = marks.indexOf(1);
  if (count === 1) return (index) => places[index] === only;
  return (index) => marks[places[index] ?? 0] === 1;
}
