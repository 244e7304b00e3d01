import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { JsonObject } from '../../core/types.ts';
import { adjustMessages } from './messages.ts';

function adjust(...messages: unknown[]): { messages: unknown[] | null; changes: string } {
  const changes = new Changes();
  return { messages: adjustMessages(messages, changes), changes: changes.toString() };
}

describe('messages', () => {
  test('that Mistral knows stay as they are', () => {
    const messages = [
      { role: 'system', content: 's' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'x' },
          { type: 'image_url', image_url: { url: 'u' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'abc123DEF', type: 'function', function: {} }],
        prefix: true,
      },
      { role: 'tool', tool_call_id: 'abc123DEF', name: 'f', content: 'r' },
      { role: 'critic', content: 'unknown roles are for Mistral to refuse', extra: 1 },
      'not an object',
    ];
    expect(adjust(...messages)).toEqual({ messages: null, changes: '' });
  });

  test('have ids of calls as Mistral wants them, a call and its result the same', () => {
    const call = (id: string) => ({ role: 'assistant', content: null, tool_calls: [{ id, function: {} }] });
    const { messages, changes } = adjust(call('toolu_01A'), { role: 'tool', tool_call_id: 'toolu_01A', content: 'r' });
    const [asked, answered] = messages as [{ tool_calls: [{ id: string }] }, { tool_call_id: string }];
    expect(answered.tool_call_id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect([asked.tool_calls[0].id, changes]).toEqual([answered.tool_call_id, '']);
  });

  test('lose fields that Mistral refuses, and the ones without a value in silence', () => {
    const { messages, changes } = adjust({ role: 'assistant', content: 'x', refusal: null, audio: { id: 'a' } });
    expect(messages).toEqual([{ role: 'assistant', content: 'x' }]);
    expect(changes).toBe('messages.0.audio;dropped');
  });

  test('keep every other message the same object', () => {
    const kept: JsonObject = { role: 'user', content: 'x' };
    expect(adjust(kept, { role: 'developer', content: 'y' }).messages?.[0]).toBe(kept);
  });
});

describe('what a model thought', () => {
  test('goes back as a part before the text, signed details before the plain text', () => {
    const { messages, changes } = adjust({
      role: 'assistant',
      content: [{ type: 'text', text: 'x' }],
      reasoning_content: 'thought',
      reasoning_details: [{ type: 'reasoning.text', text: 'one' }, { type: 'reasoning.text', text: 'two' }, null],
    });
    const thinking = (text: string) => ({ type: 'thinking', thinking: [{ type: 'text', text }] });
    expect(messages).toEqual([
      { role: 'assistant', content: [thinking('one'), thinking('two'), { type: 'text', text: 'x' }] },
    ]);
    expect(changes).toBe('');
  });

  test('is dropped, and named, where it cannot be read', () => {
    const { messages, changes } = adjust({
      role: 'assistant',
      content: 'x',
      reasoning_details: [{ type: 'reasoning.encrypted', data: 'zzz' }],
    });
    expect(messages).toEqual([{ role: 'assistant', content: 'x' }]);
    expect(changes).toBe('messages.0.reasoning_details;dropped');
  });
});

test('parts that cannot be carried are named and left out', () => {
  const { messages, changes } = adjust({
    role: 'user',
    content: [
      { type: 'input_audio', input_audio: { format: 'wav' } },
      { type: 'file', file: { filename: 'a.pdf' } },
      { type: 'refusal', refusal: 'no' },
      { type: 'input_audio', input_audio: 'UklGRg==' },
    ],
  });
  expect(messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'no' },
        { type: 'input_audio', input_audio: 'UklGRg==' },
      ],
    },
  ]);
  expect(changes).toBe('messages.0.content.0;dropped, messages.0.content.1;dropped');
});
