import { expect, test } from 'bun:test';
import type { JsonObject } from '../../core/types.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { anthropic } from './index.ts';

const user = (...content: JsonObject[]): JsonObject => ({ role: 'user', content });
const HELLO = user({ type: 'text', text: 'Hello' });
const deferred = (name: string): JsonObject => ({ name, input_schema: { type: 'object' }, defer_loading: true });
const SEARCH: JsonObject = { name: 'search', input_schema: { type: 'object' } };

const call = (name: string): JsonObject => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id: 't', name, input: {} }],
});
const found = (...names: string[]): JsonObject =>
  user({
    type: 'tool_result',
    tool_use_id: 't',
    content: names.map((tool_name) => ({ type: 'tool_reference', tool_name })),
  });

/** Whether each tool is still to be found. */
function deferral(messages: JsonObject[], more: JsonObject = {}, search = SEARCH): unknown {
  const body = { max_tokens: 9, tools: [search, deferred('a'), deferred('b')], messages, ...more };
  const request = anthropic.decode('chat', anthropic.check('chat', body, false, PLAIN_PATH));
  if (request.operation !== 'chat') throw new Error('no chat');
  return request.tools.map((tool) => ('other' in tool ? 'other' : tool.deferred));
}

test('a deferred tool is unknown until the client’s search names it', () => {
  expect(deferral([HELLO])).toEqual([undefined, true, true]);
  expect(deferral([HELLO, call('search'), found('b')])).toEqual([undefined, true, false]);
});

test('one that was called, or must be, is known', () => {
  expect(deferral([HELLO, call('a'), found()])).toEqual([undefined, false, true]);
  expect(deferral([HELLO], { tool_choice: { type: 'tool', name: 'b' } })).toEqual([undefined, true, false]);
});

test('where the API itself was to search, no tool is held back', () => {
  const search = { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' };
  expect(deferral([HELLO], {}, search)).toEqual(['other', undefined, undefined]);
});

test('the text that a search found goes to models that know no references', () => {
  const body = { max_tokens: 9, messages: [HELLO, call('search'), found('a')] };
  const request = anthropic.decode('chat', anthropic.check('chat', body, false, PLAIN_PATH));
  expect(request).toMatchObject({
    messages: [{}, {}, { parts: [{ parts: [{ type: 'other', text: 'The tool a can be called now.' }] }] }],
  });
});
