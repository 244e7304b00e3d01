import { storableText } from '../database/sql.ts';
import type { FieldName } from '../filter.ts';
import type { RecordColumns, TextColumn } from '../records/record-columns.ts';
import { viewerOf } from './field-view.ts';
import { idSearch } from './id-search.ts';
import { anyOf, type BoundTest, ofTexts, type Test } from './row-tests.ts';

const SEARCHED = [
  'endpoint',
  'provider',
  'model',
  'served_model',
  'key',
  'user',
  'team',
  'error_code',
  'error_message',
  'trace_id',
  'address',
  'user_agent',
] as const satisfies readonly FieldName[];

const VIEWERS = SEARCHED.map((field) => viewerOf(field));

const NONE: ReadonlySet<string> = new Set();

/** Somewhere in the names, the error, the tags or the id. Case of ASCII letters does not matter. */
export function textSearch(text: string): BoundTest {
  const wanted = lowerAscii(storableText(text));
  const inTags = lowerAscii(JSON.stringify(storableText(text)).slice(1, -1));
  if (wanted === '') return () => true;
  const inOurs = PART_OF_ID.test(wanted) ? idSearch(wanted.toUpperCase()) : null;
  return (records) => {
    const tests: ((index: number) => boolean)[] = [];
    const add = (test: Test): void => {
      if (typeof test === 'function') tests.push(test);
      else if (test) tests.push(() => true);
    };
    for (const viewer of VIEWERS) {
      const view = viewer(records, NONE);
      if (view.kind === 'texts') add(contains(view.column, wanted));
    }
    add(contains(records.text('tags'), inTags));
    if (inOurs !== null) add(inOurs(records));
    add(inForeignId(records, wanted));
    return anyOf(tests);
  };
}

/** Looks through all texts at once first: mostly that is the end of it. */
function contains(column: TextColumn, wanted: string): Test {
  if (column.all !== undefined && !lowerAscii(column.all()).includes(wanted)) return false;
  return ofTexts(column, (text) => lowerAscii(text).includes(wanted));
}

/** As text of a database: letters beyond ASCII stay what they are. */
export function lowerAscii(text: string): string {
  return BEYOND_ASCII.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase();
}

const BEYOND_ASCII = /[^\0-\x7f]/;

/** A part of what our ids are made of. */
const PART_OF_ID = /^[0-9a-hjkmnp-tv-z]{1,26}$/;

function inForeignId(records: RecordColumns, wanted: string): Test {
  const found = new Set(foreignIds(records).filter((index) => lowerAscii(foreignId(records, index)).includes(wanted)));
  return found.size === 0 ? false : (index) => found.has(index);
}

function foreignId(records: RecordColumns, index: number): string {
  return records.extras(index)?.id ?? '';
}

/** Requests whose ids are none of ours. */
export function foreignIds(records: RecordColumns): number[] {
  const { places } = records.text('maker');
  const found: number[] = [];
  for (let index = 0; index < records.size; index++) if (places[index] === 0) found.push(index);
  return found;
}
