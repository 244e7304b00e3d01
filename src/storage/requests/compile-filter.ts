import type { Filter } from '../filter.ts';
import type { RecordColumns } from '../records/record-columns.ts';
import { compare, equals, hasPrefix, isPresent } from './comparisons.ts';
import { type BoundTest, both, either, inverted } from './row-tests.ts';
import { textSearch } from './text-search.ts';

/** A filter that is ready for the requests of any table or block. */
export interface RecordFilter {
  /** It asks for which requests texts are kept. */
  readonly needsPayloads: boolean;
  /** False where none of these can match: their texts, each looked at once, say so. */
  mayMatch(records: RecordColumns): boolean;
  /** `payloads`: the ids of those with kept texts, where they are needed. Gives `NEVER` where none of these matches. */
  on(records: RecordColumns, payloads: ReadonlySet<string>): (index: number) => boolean;
}

export const NO_IDS: ReadonlySet<string> = new Set();

export const NEVER = (): boolean => false;
const ALWAYS = (): boolean => true;

/** Throws for fields that there are not, and for money that is none. What has no value fails each comparison. */
export function compileFilter(filter: Filter): RecordFilter {
  const bound = compile(filter);
  return {
    needsPayloads: asksForPayloads(filter),
    mayMatch: (records) => bound(records, null) !== false,
    on: (records, payloads) => {
      const test = bound(records, payloads);
      if (typeof test === 'function') return test;
      return test ? ALWAYS : NEVER;
    },
  };
}

function asksForPayloads(filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return filter.filters.some(asksForPayloads);
    case 'not':
      return asksForPayloads(filter.filter);
    case 'text':
      return false;
    default:
      return filter.field === 'payload';
  }
}

function compile(filter: Filter): BoundTest {
  switch (filter.kind) {
    case 'all':
      return both(filter.filters.map(compile));
    case 'any':
      return either(filter.filters.map(compile));
    case 'not':
      return inverted(compile(filter.filter));
    case 'equals':
      return equals(filter.field, filter.values);
    case 'compare':
      return compare(filter.field, filter.operator, filter.value);
    case 'prefix':
      return hasPrefix(filter.field, filter.prefix);
    case 'present':
      return isPresent(filter.field);
    case 'text':
      return textSearch(filter.text);
  }
}
