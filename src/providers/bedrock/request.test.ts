import { expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { readModel } from './models.ts';
import { encodeConverse } from './request.ts';
import { closeObjects } from './response-format.ts';

const CLAUDE = readModel('us.anthropic.claude-sonnet-4-5-20250929-v1:0');

function message(role: string, ...parts: NeutralPart[]): NeutralMessage {
  return { role, parts, rest: {} };
}

const text = (value: string): NeutralPart => ({ type: 'text', text: value });

const PLAIN: NeutralChatRequest = {
  operation: 'chat',
  surface: 'standard',
  messages: [message('user', text('Hello'))],
  tools: [],
  settings: {},
  stream: false,
  rest: {},
};

function encode(request: Partial<NeutralChatRequest>, model = CLAUDE): { body: JsonObject; changes: string } {
  const changes = new Changes();
  const body = encodeConverse({ ...PLAIN, ...request }, model, changes);
  return { body, changes: changes.toString() };
}

test('a request leaves nothing behind for the next one', () => {
  const before = JSON.stringify(encode({}).body);
  const rest = {
    thinking: { type: 'enabled', budget_tokens: 1 },
    additionalModelRequestFields: { thinking: { x: 1 }, a: {} },
  };
  const given = JSON.stringify(rest);
  encode({
    settings: { top_k: 3 },
    rest,
    reasoning: { mode: 'enabled', budgetTokens: 2000 },
    parallelToolCalls: false,
  });
  expect(JSON.stringify(rest)).toBe(given);
  expect(JSON.stringify(encode({}).body)).toBe(before);
});

test('roles take turns, whatever the client sends', () => {
  const roles = ['user', 'assistant', 'tool', 'system', 'developer', 'function', 'narrator'];
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  for (let round = 0; round < 500; round += 1) {
    const messages = Array.from({ length: random(8) }, (_, index) => {
      const role = roles[random(roles.length)] ?? 'user';
      if (role !== 'tool') return message(role, ...(random(4) === 0 ? [] : [text(`${index}`)]));
      return message(role, { type: 'tool-result', toolCallId: `t${index}`, parts: [text(`${index}`)] });
    });
    const { body } = encode({ messages });
    const turns = body.messages as { role: string; content: JsonObject[] }[];
    for (const [index, turn] of turns.entries()) {
      expect(turn.content.length).toBeGreaterThan(0);
      expect(turn.role).not.toBe(turns[index + 1]?.role ?? '');
    }
    const sent = JSON.stringify([body.system ?? [], turns]).match(/"text":/g)?.length ?? 0;
    expect(sent).toBe(messages.filter(({ parts }) => parts.length > 0).length);
  }
});

test('system texts amid a conversation move to its front, and that is noted', () => {
  const { body, changes } = encode({
    messages: [message('system', text('a')), message('user', text('b')), message('developer', text('c'))],
  });
  expect(body.system).toEqual([{ text: 'a' }, { text: 'c' }]);
  expect(changes).toBe('messages.2;approximated');
});

test('what a part has beyond Converse is named with its path', () => {
  const { changes } = encode({
    messages: [
      { role: 'user', parts: [text('a'), { type: 'text', text: 'b', rest: { annotations: [] } }], rest: { name: 'n' } },
      message(
        'assistant',
        { type: 'refusal', text: 'No.' },
        { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: 's', rest: { index: 0 } },
      ),
      message('user', { type: 'other', value: { type: 'hologram' } }, text('c')),
    ],
    tools: [{ name: 'f', rest: { defer_loading: true } }],
  });
  expect(changes.split(', ').sort()).toEqual([
    'messages.0.content.1.annotations;dropped',
    'messages.0.name;dropped',
    'messages.1.content.0;approximated',
    'messages.1.tool_calls.0.index;dropped',
    'messages.1.tool_calls.0.thought_signature;dropped',
    'messages.2.content.0;dropped',
    'tools.0.defer_loading;dropped',
  ]);
});

test('Converse’s own blocks and tools stay as they are', () => {
  const guarded = { guardContent: { text: { text: 'x', qualifiers: ['query'] } } };
  const { body, changes } = encode({
    messages: [message('user', { type: 'other', value: { type: 'guard_content', ...guarded } })],
    tools: [{ other: { systemTool: { name: 'nova_grounding' } } }],
  });
  expect(body.messages).toEqual([{ role: 'user', content: [guarded] }]);
  expect(body.toolConfig).toEqual({ tools: [{ systemTool: { name: 'nova_grounding' } }] });
  expect(changes).toBe('');
});

test('recordings are sent inline', () => {
  const source = { kind: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' } as const;
  const { body } = encode({ messages: [message('user', { type: 'audio', source })] });
  expect(body.messages).toEqual([{ role: 'user', content: [{ audio: { format: 'mp3', source: { bytes: 'AAAA' } } }] }]);
});

test('names of members of every object are no trap', () => {
  const rest = JSON.parse(
    '{"__proto__":{"x":1},"constructor":2,"toString":3,"additionalModelRequestFields":{"__proto__":{"y":1}}}',
  );
  const { body, changes } = encode({ rest, reasoning: { effort: 'constructor' } });
  expect(changes).toContain('constructor;dropped');
  expect(changes).toContain('toString;dropped');
  expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
  expect(({} as JsonObject).y).toBeUndefined();
});

test('thinking leaves room for the answer', () => {
  const budgetFor = (max_tokens: number) =>
    (
      encode({ settings: { max_tokens }, reasoning: { effort: 'high' } }).body
        .additionalModelRequestFields as JsonObject
    )?.thinking;
  expect(budgetFor(100_000)).toEqual({ type: 'enabled', budget_tokens: 16_384 });
  expect(budgetFor(3000)).toEqual({ type: 'enabled', budget_tokens: 2999 });
  expect(budgetFor(1000)).toBeUndefined();
  expect(encode({ settings: { max_tokens: 1000 }, reasoning: { effort: 'high' } }).changes).toContain(
    'reasoning_effort;dropped',
  );
});

test('thinking that is switched off is not switched on', () => {
  for (const reasoning of [{ mode: 'disabled' }, { effort: 'none' }]) {
    expect(encode({ reasoning }).body.additionalModelRequestFields).toBeUndefined();
    expect(encode({ reasoning }).changes).toBe('');
  }
});

test('a model that cannot think says so; one behind an ARN is believed to be the Claude that its client speaks to', () => {
  const llama = readModel('meta.llama3-8b-instruct-v1:0');
  expect(encode({ reasoning: { effort: 'low', mode: 'enabled' } }, llama).changes).toBe(
    'thinking;dropped, reasoning_effort;dropped',
  );
  const profile = readModel('arn:aws:bedrock:us-east-1:1:application-inference-profile/x');
  const { body, changes } = encode({ reasoning: { effort: 'low', budgetTokens: 2000 } }, profile);
  expect(body.additionalModelRequestFields).toEqual({ thinking: { type: 'enabled', budget_tokens: 2000 } });
  expect(changes).toBe('reasoning_effort;dropped');
});

test('metadata that the log of invocations cannot hold is noted', () => {
  expect(encode({ rest: { metadata: { team: 'a b' } } }).body.requestMetadata).toEqual({ team: 'a b' });
  for (const metadata of [
    { team: 1 },
    { team: 'é' },
    'x',
    Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])),
  ]) {
    const { body, changes } = encode({ rest: { metadata } });
    expect(body.requestMetadata).toBeUndefined();
    expect(changes).toBe('metadata;dropped');
  }
});

test('objects of a schema are closed wherever they stand, and nothing else is touched', () => {
  const open = {
    $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    anyOf: [{ type: 'object', properties: { properties: { type: 'string', enum: ['properties'] } } }, { type: 'null' }],
    prefixItems: [{ type: 'object' }],
    items: { type: 'object', additionalProperties: { type: 'object' } },
  };
  expect(closeObjects(open)).toEqual({
    $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, additionalProperties: false } },
    anyOf: [
      {
        type: 'object',
        properties: { properties: { type: 'string', enum: ['properties'] } },
        additionalProperties: false,
      },
      { type: 'null' },
    ],
    prefixItems: [{ type: 'object', additionalProperties: false }],
    items: { type: 'object', additionalProperties: { type: 'object' } },
  });
});
