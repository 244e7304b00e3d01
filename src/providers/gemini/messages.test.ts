import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { encodeMessages, type MessageOptions } from './messages.ts';

const OPTIONS: MessageOptions = {
  callIds: true,
  mlflowDropsTextBesideCalls: false,
  needsSignatures: false,
  fileBase: 'https://base',
};

function encode(
  messages: NeutralMessage[],
  options: Partial<MessageOptions> = {},
  surface: 'mlflow' | 'standard' = 'standard',
) {
  const changes = new Changes();
  const request: NeutralChatRequest = {
    operation: 'chat',
    surface,
    messages,
    tools: [],
    settings: {},
    stream: false,
    rest: {},
  };
  const conversation = encodeMessages(request, { ...OPTIONS, ...options }, changes);
  return { ...conversation, changed: changes.toString() };
}

const message = (role: string, ...parts: NeutralPart[]): NeutralMessage => ({ role, parts, rest: {} });
const text = (value: string): NeutralPart => ({ type: 'text', text: value });
const call = (id: string, args = '{}'): NeutralPart => ({ type: 'tool-call', id, name: 'f', arguments: args });
const result = (toolCallId: string, value: string): NeutralMessage =>
  message('tool', { type: 'tool-result', toolCallId, parts: [text(value)] });

const partsOf = (content: JsonObject | undefined) => (content?.parts ?? []) as JsonObject[];

describe('messages', () => {
  test('that instruct go ahead of the turns, which is noted for a late one', () => {
    const { contents, systemInstruction, changed } = encode([
      message('system', text('a')),
      message('user', text('b')),
      message('developer', text('c')),
    ]);
    expect(systemInstruction).toEqual({ parts: [{ text: 'a' }, { text: 'c' }] });
    expect(contents).toEqual([{ role: 'user', parts: [{ text: 'b' }] }]);
    expect(changed).toBe('messages.2;approximated');
  });

  test('without content are left out and named, as the API refuses turns without parts', () => {
    const { contents, changed } = encode([message('user', text('a')), message('assistant')]);
    expect(contents).toHaveLength(1);
    expect(changed).toBe('messages.1;dropped');
  });

  test('of tools share a turn only while one follows another', () => {
    const { contents } = encode([
      message('assistant', call('1'), call('2')),
      result('1', 'a'),
      result('2', 'b'),
      message('assistant', call('3')),
      result('3', 'c'),
    ]);
    expect(contents.map(({ role, parts }) => [role, Array.isArray(parts) && parts.length])).toEqual([
      ['model', 2],
      ['user', 2],
      ['model', 1],
      ['user', 1],
    ]);
  });

  test.each(['[1]', 'not json', '"text"', '{'])('with the arguments %s are refused', (args) => {
    expect(() => encode([message('assistant', call('1', args))])).toThrow(
      'Invalid assistant tool call arguments: not a JSON object for tool_call_id=1, tool_name=f.',
    );
  });

  test('with a result that is no JSON object have it as text', () => {
    const { contents } = encode([message('assistant', call('1')), result('1', '[1]'), result('1', '{broken')]);
    const responses = partsOf(contents[1]).map((part) => part.functionResponse as JsonObject);
    expect(responses.map(({ response }) => response)).toEqual([{ result: '[1]' }, { result: '{broken' }]);
  });

  test('lose text beside calls only on the surface where drop-in users know it so, and name it', () => {
    const turns = [message('assistant', text('let me'), call('1'))];
    const drops = { mlflowDropsTextBesideCalls: true };
    expect(encode(turns, drops).contents[0]?.parts).toHaveLength(2);
    const { contents, changed } = encode(turns, drops, 'mlflow');
    expect(contents[0]?.parts).toHaveLength(1);
    expect(changed).toBe('messages.0.content;dropped');
  });

  test('give the first call of a turn a stand-in for its signature where the model wants one', () => {
    const { contents } = encode([message('assistant', call('1'), call('2'))], { needsSignatures: true });
    const signatures = partsOf(contents[0]).map((part) => part.thoughtSignature);
    expect(signatures).toEqual(['skip_thought_signature_validator', undefined]);
  });

  test('carry a signature of text alone where there is no text', () => {
    const { contents } = encode([message('assistant', { type: 'reasoning', text: '', signature: 's' })]);
    expect(contents[0]?.parts).toEqual([{ text: '', thoughtSignature: 's' }]);
  });

  test('name each unknown field, and encrypted reasoning, that they lose', () => {
    const { changed } = encode([
      { role: 'user', parts: [{ type: 'text', text: 'a', rest: { weight: 1 } }], rest: { name: 'n' } },
      message('assistant', { type: 'reasoning', text: '', encrypted: 'x' }, text('b'), {
        type: 'other',
        value: { type: 'custom' },
      }),
      message('narrator', text('c')),
    ]);
    expect(changed).toBe(
      'messages.0.name;dropped, messages.0.content.0.weight;dropped, messages.1.reasoning_details;dropped, ' +
        'messages.1.content.1;dropped, messages.2.role;approximated',
    );
  });

  test('keep every text, call and file of random turns, or name what they lose', () => {
    const kinds: ReadonlyArray<(id: number) => NeutralPart> = [
      (id) => text(`text-${id}`),
      (id) => ({ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: `image-${id}` } }),
      (id) => ({ type: 'audio', source: { kind: 'url', url: `https://x/audio-${id}` } }),
      (id) => ({ type: 'document', source: { kind: 'file', id: `files/document-${id}` } }),
      (id) => ({ type: 'tool-call', id: `call-${id}`, name: 'f', arguments: '{}' }),
      (id) => ({ type: 'reasoning', text: `reasoning-${id}` }),
      (id) => ({ type: 'refusal', text: `refusal-${id}` }),
    ];
    for (let round = 0; round < 300; round++) {
      const parts = Array.from({ length: 1 + (round % 7) }, (_, index) =>
        kinds[(round * 31 + index * 17) % kinds.length]?.(index),
      );
      const given = parts.filter((part) => part !== undefined);
      const { contents, changed } = encode([message('assistant', ...given)]);
      const written = JSON.stringify(contents);
      for (const [index, part] of given.entries()) {
        const mark = part.type === 'tool-call' ? `call-${index}` : `${part.type}-${index}`;
        expect(written).toContain(mark);
      }
      expect(changed.includes('dropped')).toBe(false);
    }
  });
});
