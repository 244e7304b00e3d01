import { describe, expect, test } from 'bun:test';
import type { Filter } from '../../storage/filter.ts';
import { parseFilter } from './filter.ts';
import { FilterError } from './filter-lexer.ts';

const equals = (field: string, ...values: Array<string | number | boolean>) => ({ kind: 'equals', field, values });
const compare = (field: string, operator: string, value: string | number) => ({
  kind: 'compare',
  field,
  operator,
  value,
});

describe('a filter', () => {
  test.each([
    ['endpoint:chat', equals('endpoint', 'chat')],
    ['model:"gpt-4o mini"', equals('model', 'gpt-4o mini')],
    ['model:"a\\"b\\\\c"', equals('model', 'a"b\\c')],
    ['status:200,201', equals('status', 200, 201)],
    ['status:>=500', compare('status', '>=', 500)],
    ['cost:>0.05', compare('cost', '>', '0.05')],
    ['cost:>$0.000000000001', compare('cost', '>', '0.000000000001')],
    ['duration:>2s', compare('duration', '>', 2000)],
    ['duration:<500ms', compare('duration', '<', 500)],
    ['latency:>=1.5m', compare('duration', '>=', 90_000)],
    ['in_tokens:>=10k', compare('prompt_tokens', '>=', 10_000)],
    ['request_bytes:>1MiB', compare('request_bytes', '>', 2 ** 20)],
    ['key:ci-*', { kind: 'prefix', field: 'key', prefix: 'ci-' }],
    ['key:*', { kind: 'present', field: 'key' }],
    ['key:"ci-*"', equals('key', 'ci-*')],
    ['meta.env:prod', equals('tag:env', 'prod')],
    ['tag.env:prod', equals('tag:env', 'prod')],
    ['tag:env:prod', equals('tag:env', 'prod')],
    ['tag."a b":prod', equals('tag:a b', 'prod')],
    ['tag.__proto__:x', equals('tag:__proto__', 'x')],
    ['stream:yes', equals('stream', true)],
    ['is:unpriced', equals('unpriced', true)],
    ['has:payload', equals('payload', true)],
    ['has:error', { kind: 'present', field: 'error_code' }],
    ['has:tag.env', { kind: 'present', field: 'tag:env' }],
    ['refund', { kind: 'text', text: 'refund' }],
    ['"refund policy"', { kind: 'text', text: 'refund policy' }],
    ['100%_', { kind: 'text', text: '100%_' }],
    ['a,b', { kind: 'text', text: 'a,b' }],
    ['-', { kind: 'text', text: '-' }],
    ['12:30', { kind: 'text', text: '12:30' }],
    ['__proto__:x', { kind: 'text', text: '__proto__:x' }],
    ['', { kind: 'all', filters: [] }],
    ['  ', { kind: 'all', filters: [] }],
  ])('%s', (query, expected) => {
    expect(parseFilter(query)).toEqual(expected as Filter);
  });

  test('joins terms, negates, and offers several values', () => {
    expect(parseFilter('status:5xx -model:mock-*,other refund')).toEqual({
      kind: 'all',
      filters: [
        { kind: 'all', filters: [compare('status', '>=', 500), compare('status', '<', 600)] },
        {
          kind: 'not',
          filter: {
            kind: 'any',
            filters: [{ kind: 'prefix', field: 'model', prefix: 'mock-' }, equals('model', 'other')],
          },
        },
        { kind: 'text', text: 'refund' },
      ],
    } as Filter);
  });

  test.each([
    ['endpoint:a cost:>abc', 17, 20, 'for example cost:>0.05'],
    ['modle:x', 0, 5, "did you mean 'model'"],
    ['constructor:x', 0, 11, 'fields are'],
    ['is:foo', 3, 6, 'unpriced'],
    ['is:constructor', 3, 14, 'unpriced'],
    ['has:toString', 4, 12, 'payload'],
    ['stream:maybe', 7, 12, 'stream:true'],
    ['stream:constructor', 7, 18, 'stream:true'],
    ['model:>3', 0, 8, 'model:prefix*'],
    ['status:>400,500', 12, 15, null],
    ['model:*x', 6, 8, 'name*'],
    ['endpoint:', 9, 9, 'has:endpoint'],
    ['duration:>5parsecs', 10, 18, 'duration:>2s'],
    ['status:1e9', 7, 10, 'status:5xx'],
    ['cost:>0.0000000000001', 6, 21, '12 decimal places'],
    ['outcome:fine', 8, 12, 'cancelled'],
    ['a "b', 2, 4, 'close it'],
    ['""', 0, 2, null],
  ])('%s: says which term is wrong, and what is allowed', (query, start, end, hint) => {
    const error = failure(query);
    expect([error?.start, error?.end]).toEqual([start, end]);
    if (hint !== null) expect(error?.hint).toContain(hint);
  });

  test('is bounded', () => {
    expect(failure('a'.repeat(5000))?.message).toContain('4096');
    expect(failure(Array(60).fill('a').join(' '))?.message).toContain('50 terms');
    expect(failure(`status:${Array(101).fill('1').join(',')}`)?.message).toContain('100 values');
    expect(failure(`tag.${'x'.repeat(65)}:a`)).not.toBeNull();
  });

  test('never fails in another way than it says', () => {
    const pieces = [
      '"',
      '\\',
      '-',
      ':',
      ',',
      '*',
      '>',
      '<=',
      ' ',
      'status',
      'tag.',
      'is',
      'cost',
      '5',
      'x',
      'é',
      '\ud800',
      '\0',
    ];
    let state = 7;
    for (let round = 0; round < 3000; round++) {
      let query = '';
      for (let length = 0; length < 9; length++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        query += pieces[state % pieces.length];
      }
      const error = failure(query);
      if (error === null) continue;
      expect(error.start).toBeGreaterThanOrEqual(0);
      expect(error.end).toBeLessThanOrEqual(query.length);
      expect(error.start).toBeLessThanOrEqual(error.end);
    }
  });
});

function failure(query: string): FilterError | null {
  try {
    parseFilter(query);
    return null;
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}
