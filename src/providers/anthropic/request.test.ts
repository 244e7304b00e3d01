import { expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { claudeTextWire, claudeWire } from './wire.ts';

const user = (text: string): NeutralMessage => ({ role: 'user', parts: [{ type: 'text', text }], rest: {} });

function request(more: Partial<NeutralChatRequest>): NeutralChatRequest {
  return {
    operation: 'chat',
    surface: 'standard',
    messages: [user('Hello')],
    tools: [],
    settings: {},
    stream: false,
    rest: {},
    ...more,
  };
}

function encode(more: Partial<NeutralChatRequest>, model = 'claude-sonnet-4-5'): { body: JsonObject; changes: string } {
  const changes = new Changes();
  const body = claudeWire({ model, version: null }).encode(request(more), changes);
  return { body, changes: changes.toString() };
}

const messagesOf = (messages: readonly NeutralMessage[]) => encode({ messages }).body.messages;

test('where the URL names the model, the body has the version instead', () => {
  const wire = claudeWire({ model: null, version: 'vertex-2023-10-16', knownAs: 'claude-opus-4-8' });
  const changes = new Changes();
  const body = wire.encode(request({ settings: { temperature: 0.3 } }), changes);
  expect(body).toEqual({
    anthropic_version: 'vertex-2023-10-16',
    max_tokens: 8192,
    messages: [{ role: 'user', content: 'Hello' }],
  });
  expect(changes.toString()).toBe('temperature;dropped');
});

test('a text completion keeps within the limits of its host', () => {
  const wire = claudeTextWire({
    model: null,
    version: 'bedrock-2023-05-31',
    maximumTokens: 8191,
    stopSequences: ['\n\nHuman:'],
  });
  const changes = new Changes();
  const completion = { operation: 'completions', surface: 'mlflow', prompt: 'Hi', rest: {}, stream: false } as const;
  expect(wire.encode({ ...completion, settings: { stop: ['END'], n: 1 } }, changes)).toEqual({
    anthropic_version: 'bedrock-2023-05-31',
    prompt: '\n\nHuman: Hi\n\nAssistant:',
    max_tokens_to_sample: 8191,
    stop_sequences: ['END', '\n\nHuman:'],
  });
  expect(changes.isEmpty).toBe(true);
  wire.encode({ ...completion, settings: { max_tokens: 9000 } }, changes);
  expect(changes.toString()).toBe('max_tokens;clamped');
});

test('a dialogue that is one already is left as it is', () => {
  const prompt = '\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Bye\n\nAssistant:';
  const wire = claudeTextWire({ model: 'claude-2', version: null });
  const completion = {
    operation: 'completions',
    surface: 'mlflow',
    prompt,
    rest: {},
    settings: {},
    stream: false,
  } as const;
  expect(wire.encode(completion, new Changes()).prompt).toBe(prompt);
});

test('an assistant’s message that says nothing is left out', () => {
  expect(messagesOf([user('a'), { role: 'assistant', parts: [], rest: {} }, user('b')])).toEqual([
    { role: 'user', content: 'a' },
    { role: 'user', content: 'b' },
  ]);
});

test('results of tools are one message with what the user says beside them, and come first in it', () => {
  const result = (id: string): NeutralMessage => ({
    role: 'tool',
    parts: [{ type: 'tool-result', toolCallId: id, parts: [] }],
    rest: {},
  });
  const turns = [user('a'), result('1'), result('2'), user('b'), result('3')];
  const block = (id: string) => ({ type: 'tool_result', tool_use_id: id });
  expect(messagesOf(turns)).toEqual([
    { role: 'user', content: 'a' },
    { role: 'user', content: [block('1'), block('2'), block('3'), { type: 'text', text: 'b' }] },
  ]);
  // MLflow makes messages of their own.
  expect(encode({ messages: turns, surface: 'mlflow' }).body.messages).toEqual([
    { role: 'user', content: 'a' },
    { role: 'user', content: [block('1'), block('2')] },
    { role: 'user', content: 'b' },
    { role: 'user', content: [block('3')] },
  ]);
});

test('system texts that came apart stay apart, with their marks', () => {
  const text = (value: string) => ({ type: 'text', text: value }) as const;
  const system = (...parts: NeutralMessage['parts']): NeutralMessage => ({ role: 'system', parts, rest: {} });
  expect(encode({ messages: [system(text('a'), text('b')), user('c')] }).body.system).toEqual([text('a'), text('b')]);
  expect(encode({ messages: [system(text('a')), user('c')] }).body.system).toBe('a');
  const marked = { ...text('a'), cacheControl: { type: 'ephemeral' } };
  expect(encode({ messages: [system(marked, text('b')), user('c')] }).body.system).toEqual([
    { ...text('a'), cache_control: { type: 'ephemeral' } },
    text('b'),
  ]);
});

test('a choice among no tools is not sent', () => {
  expect(encode({ toolChoice: 'auto' })).toMatchObject({ changes: '' });
  expect(encode({ toolChoice: 'auto' }).body).not.toHaveProperty('tool_choice');
  expect(encode({ toolChoice: 'required' }).changes).toBe('tool_choice;dropped');
});

test('effort alone turns no thinking on', () => {
  const { body, changes } = encode({ reasoning: { effort: 'low', effortAlone: true } }, 'claude-opus-4-8');
  expect(body).not.toHaveProperty('thinking');
  expect([body.output_config, changes]).toEqual([{ effort: 'low' }, '']);
});

test('a part of another API is said in words, or named', () => {
  const other = (value: JsonObject, text?: string) => ({ type: 'other', value, ...(text && { text }) }) as const;
  const parts = [
    other({ type: 'search_result', title: 't' }, 'said'),
    other({ executableCode: {} }, 'code'),
    other({ type: 'web_search_call' }),
  ];
  const { body, changes } = encode({ messages: [{ role: 'user', parts, rest: {} }] });
  expect(body.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'search_result', title: 't' },
        { type: 'text', text: 'code' },
      ],
    },
  ]);
  expect(changes).toBe('messages.0.content.1;approximated, messages.0.content.2;dropped');
});

test('a role that is not known is refused, but passed over on the surface where MLflow does so', () => {
  const messages = [user('a'), { role: 'critic', parts: [], rest: {} }];
  expect(() => encode({ messages })).toThrow("Claude knows no messages of the role 'critic'.");
  const { body, changes } = encode({ messages, surface: 'mlflow' });
  expect(body.messages).toEqual([{ role: 'user', content: 'a' }]);
  expect(changes).toBe('messages.1;dropped');
});

test('a tool that the provider runs is refused on the surface where MLflow does so', () => {
  const tools = [{ other: { type: 'web_search_20250305', name: 'web_search' } }];
  expect(() => encode({ tools, surface: 'mlflow' })).toThrow(
    'Only function calling tool is supported, but received tool type web_search_20250305',
  );
});

test('fields of parts pass under the names of the API, and are named where it has none', () => {
  const parts: NeutralPart[] = [
    { type: 'text', text: 'x', rest: { citations: [], odd: 1 } },
    { type: 'image', source: { kind: 'base64', mediaType: 'image/jpg', data: 'AA==' }, rest: { transformations: {} } },
    { type: 'document', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' }, name: 'a.png' },
  ];
  const { body, changes } = encode({ messages: [{ role: 'user', parts, rest: {} }] });
  const image = (media_type: string) => ({ type: 'image', source: { type: 'base64', media_type, data: 'AA==' } });
  expect(body.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'x', citations: [] },
        { ...image('image/jpeg'), transformations: {} },
        image('image/png'),
      ],
    },
  ]);
  expect(changes).toBe('messages.0.content.0.odd;dropped');
});

test('service tiers have other names', () => {
  const tier = (service_tier: unknown) => {
    const { body, changes } = encode({ rest: { service_tier } });
    return [body.service_tier, changes];
  };
  expect(tier('auto')).toEqual(['auto', '']);
  expect(tier('default')).toEqual(['standard_only', '']);
  expect(tier('standard_only')).toEqual(['standard_only', '']);
  expect(tier('priority')).toEqual(['auto', 'service_tier;approximated']);
  expect(tier('flex')).toEqual([undefined, 'service_tier;dropped']);
});

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomPart(pick: (below: number) => number, mark: string): NeutralPart {
  const source = { kind: 'url', url: `https://a.example/${mark}` } as const;
  const kinds: NeutralPart[] = [
    { type: 'text', text: mark },
    { type: 'text', text: mark, cacheControl: { type: 'ephemeral' } },
    { type: 'image', source },
    { type: 'document', source, name: mark },
    { type: 'reasoning', text: mark, signature: 's' },
    { type: 'reasoning', text: '', encrypted: mark },
    { type: 'tool-call', id: mark, name: 'f', arguments: `{"x":"${mark}"}` },
    { type: 'tool-result', toolCallId: mark, parts: [{ type: 'text', text: mark }] },
    { type: 'refusal', text: mark },
    { type: 'other', value: { type: 'search_result', title: mark } },
    { type: 'reasoning', text: mark },
    { type: 'tool-call', id: 'a', name: 'f', arguments: mark },
    { type: 'audio', source },
    { type: 'text', text: ' ' },
  ];
  return kinds[pick(kinds.length)] ?? { type: 'text', text: mark };
}

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

test('whatever the parts are, each one is carried, named as dropped, or refused', () => {
  let carried = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    const pick = random(seed);
    const marks: string[] = [];
    const messages = Array.from({ length: 1 + pick(5) }, (_, index): NeutralMessage => {
      const parts = Array.from({ length: pick(4) }, (_, at) => {
        const mark = `mark_${index}_${at}_`;
        const part = randomPart(pick, mark);
        if (JSON.stringify(part).includes(mark)) marks.push(mark);
        return part;
      });
      return { role: ROLES[pick(ROLES.length)] ?? 'user', parts, rest: {} };
    });
    try {
      const { body, changes } = encode({ messages, surface: seed % 2 ? 'standard' : 'mlflow' });
      const text = JSON.stringify(body);
      for (const mark of marks) {
        if (text.includes(mark)) carried += 1;
        else expect(changes, `seed ${seed}, ${mark}`).toContain(`messages.${mark.split('_')[1]}`);
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      expect(error.code).toBe('invalid_body');
    }
  }
  expect(carried).toBeGreaterThan(200);
});
