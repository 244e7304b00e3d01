import { roundToDollars } from '../../core/ledger/money.ts';
import { storableText } from '../database/sql.ts';
import type { Filter, FilterField, FilterValue } from '../filter.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { readId } from '../records/record-id.ts';
import { type FieldView, typeOf, viewerOf } from './field-view.ts';
import { anyOf, type BoundTest, ofTexts, type Test } from './row-tests.ts';

type Operator = Extract<Filter, { kind: 'compare' }>['operator'];

export function equals(field: FilterField, values: readonly FilterValue[]): BoundTest {
  switch (typeOf(field)) {
    case 'number': {
      const numbers = new Set(values.map(Number).filter((value) => !Number.isNaN(value)));
      return bind(field, (view) => ofNumber(view, (value) => numbers.has(value)));
    }
    case 'money': {
      const amounts = values.map(picodollars);
      return bind(field, (view) => anyOf(amounts.map((amount) => ofMoney(view, amount, (order) => order === 0))));
    }
    case 'flag': {
      const wanted = new Set(values.map((value) => value === true || value === 'true' || value === 1));
      return bind(field, (view) => ofFlag(view, wanted));
    }
    default: {
      const texts = new Set(values.map((value) => storableText(String(value))));
      const inBlock = bind(field, (view) => ofText(view, (text) => texts.has(text)));
      return field === 'id' ? (records, payloads) => mayHave(records, texts) && inBlock(records, payloads) : inBlock;
    }
  }
}

export function compare(field: FilterField, operator: Operator, value: string | number): BoundTest {
  switch (typeOf(field)) {
    case 'number':
      return bind(field, (view) => ofNumber(view, comparison(operator, Number(value))));
    case 'money': {
      const amount = picodollars(value);
      return bind(field, (view) => ofMoney(view, amount, comparison(operator, 0)));
    }
    case 'flag':
      return bind(field, () => false);
    default: {
      const bound = Buffer.from(storableText(String(value)));
      const holds = comparison(operator, 0);
      return bind(field, (view) => ofText(view, (text) => holds(Buffer.compare(Buffer.from(text), bound))));
    }
  }
}

export function hasPrefix(field: FilterField, prefix: string): BoundTest {
  const storable = storableText(prefix);
  return bind(field, (view) =>
    view.kind === 'numbers'
      ? ofNumber(view, (value) => !Number.isNaN(value) && String(value).startsWith(storable))
      : ofText(view, (text) => text.startsWith(storable)),
  );
}

export function isPresent(field: FilterField): BoundTest {
  return bind(field, (view) => {
    if (view.kind === 'flags') return view.at;
    if (view.kind === 'texts' || view.kind === 'ids') return ofText(view, () => true);
    return (index) => !Number.isNaN(view.at(index));
  });
}

function bind(field: FilterField, test: (view: FieldView) => Test): BoundTest {
  const viewer = viewerOf(field);
  return (records, payloads) => {
    // Nothing can be said of it yet.
    if (payloads === null && field === 'payload') return () => false;
    return test(viewer(records, payloads ?? NONE));
  };
}

const NONE: ReadonlySet<string> = new Set();

function ofText(view: FieldView, holds: (text: string) => boolean): Test {
  if (view.kind === 'texts') return ofTexts(view.column, holds);
  return view.kind === 'ids' ? (index) => holds(view.at(index)) : false;
}

/** What has no value is NaN, for which no comparison holds. */
function ofNumber(view: FieldView, holds: (value: number) => boolean): Test {
  return view.kind === 'numbers' ? (index) => holds(view.at(index)) : false;
}

function ofFlag(view: FieldView, wanted: ReadonlySet<boolean>): Test {
  if (view.kind !== 'flags' || wanted.size !== 1) return wanted.size === 2;
  return wanted.has(true) ? view.at : (index) => !view.at(index);
}

/** `holds`: for less (-1), the same (0) and more (1). A number is exact, or beyond all numbers that are. */
function ofMoney(view: FieldView, amount: bigint, holds: (order: number) => boolean): (index: number) => boolean {
  if (view.kind !== 'money') return () => false;
  const rounded = Number(amount);
  if (Number.isSafeInteger(rounded)) return (index) => holds(orderOf(view.at(index), rounded));
  return (index) => (Number.isNaN(view.at(index)) ? false : holds(orderOf(view.exact(index), amount)));
}

function orderOf<Value extends number | bigint>(one: Value, other: Value): number {
  if (one === other) return 0;
  if (one < other) return -1;
  return one > other ? 1 : Number.NaN;
}

function comparison(operator: Operator, bound: number): (value: number) => boolean {
  switch (operator) {
    case '<':
      return (value) => value < bound;
    case '<=':
      return (value) => value <= bound;
    case '>':
      return (value) => value > bound;
    case '>=':
      return (value) => value >= bound;
  }
}

function picodollars(value: FilterValue): bigint {
  const amount = roundToDollars(String(value));
  if (amount === null) throw new TypeError(`'${value}' is no amount of money`);
  return amount;
}

/** False where the times of these ids are none of the block's. Spares writing out its ids. */
function mayHave(records: RecordColumns, ids: ReadonlySet<string>): boolean {
  const wanted = new Set<number>();
  for (const id of ids) {
    const parts = readId(id);
    if (parts === null) return true;
    wanted.add(parts.time);
  }
  const times = records.number('time');
  for (let index = 0; index < records.size; index++) if (wanted.has(times[index] ?? 0)) return true;
  return false;
}
