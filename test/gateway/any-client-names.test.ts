import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/core/types.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import {
  chunk,
  jsonResponse,
  LAST_CHUNK,
  type RawRequest,
  type RawUpstream,
  STREAM_HEAD,
  startRawUpstream,
} from '../support/raw-upstream.ts';
import { CLIENTS, type ClientName, eventsOf } from '../support/vendor-clients.ts';
import { CALL, VENDORS, type VendorName } from '../support/vendors.ts';

let gateway: RunningGateway;
let upstream: RawUpstream;
let answer: (request: RawRequest) => void;

beforeAll(async () => {
  upstream = await startRawUpstream((request) => answer(request));
  const endpoints = Object.entries(VENDORS).map(([name, vendor]) => vendor.endpoint(name, upstream.base));
  const preset = { provider: 'ollama', name: 'm', config: { api_base: upstream.base } };
  endpoints.push({ ...VENDORS.openai.endpoint('compatible', upstream.base), model: preset });
  gateway = await startGateway({ endpoints });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

/** Longer than any provider takes, and with characters that none does. */
const NAME = `mcp/wetter.${'ä'.repeat(20)}_${'get_the_weather_of_a_city_'.repeat(6)}`;

const named = (value: unknown, name: string) => JSON.parse(JSON.stringify(value).replaceAll(CALL.name, name));

/** The one name of a tool in what came upstream. */
function upstreamName(): string {
  const names = [...(upstream.requests.at(-1)?.body ?? '').matchAll(/"name":"(\w+_[0-9a-f]{12})"/g)];
  expect(new Set(names.map(([, name]) => name)).size).toBe(1);
  return names[0]?.[1] ?? '';
}

const FOREIGN: ReadonlyArray<readonly [client: ClientName, target: VendorName | 'compatible']> = [
  ['openai', 'anthropic'],
  ['openai', 'gemini'],
  ['anthropic', 'openai'],
  ['anthropic', 'gemini'],
  ['gemini', 'openai'],
  ['gemini', 'anthropic'],
  ['responses', 'compatible'],
  ['responses', 'anthropic'],
  ['responses', 'gemini'],
];

describe.each(FOREIGN)(
  'a tool’s name that the provider would refuse: a client of %s, an upstream that is %s',
  (from, to) => {
    const client = CLIENTS[from];
    const vendor = to === 'compatible' ? VENDORS.openai : VENDORS[to];
    const call = { name: NAME, arguments: CALL.arguments, hasId: true };

    test('comes back in an answer', async () => {
      answer = ({ socket }) => void socket.write(jsonResponse(named(vendor.call, upstreamName())));
      const response = await gateway.post(client.path(to, false), named(client.body(to, false, true), NAME));
      expect(client.whole(await response.json()).calls).toEqual([call]);
      expect(upstreamName().length).toBeLessThanOrEqual(to === 'anthropic' ? 128 : 64);
      expect(response.headers.get('x-sluice-changed') ?? '').not.toContain('name');
    });

    test('comes back in a stream', async () => {
      answer = ({ socket }) => {
        const events = vendor.callEvents.join('').replaceAll(CALL.name, upstreamName());
        socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(Buffer.from(events)), Buffer.from(LAST_CHUNK)]));
      };
      const response = await gateway.post(client.path(to, true), named(client.body(to, true, true), NAME));
      expect(client.stream(eventsOf(await response.bytes())).calls).toEqual([call]);
    });
  },
);

test('history and choice have the same name as the tool', async () => {
  answer = ({ socket }) => void socket.write(jsonResponse(VENDORS.openai.text));
  await gateway.post('/anthropic/v1/messages', {
    model: 'openai',
    max_tokens: 10,
    tools: [{ name: NAME, input_schema: { type: 'object' } }],
    tool_choice: { type: 'tool', name: NAME },
    messages: [
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: NAME, input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'b' }] },
    ],
  });
  const { tools, tool_choice, messages } = JSON.parse(upstream.requests.at(-1)?.body ?? '');
  const name = upstreamName();
  expect([tools[0].function.name, tool_choice.function.name, messages[1].tool_calls[0].function.name]).toEqual([
    name,
    name,
    name,
  ]);
});

async function changedBy(path: string, body: JsonObject): Promise<string | null> {
  answer = ({ socket }) => void socket.write(jsonResponse(VENDORS.openai.text));
  const response = await gateway.post(path, body);
  expect(response.status).toBe(200);
  return response.headers.get('x-sluice-changed');
}

describe('what is lost is named as the client knows it', () => {
  test('by a client of the Messages API', async () => {
    const mark = { type: 'ephemeral' };
    const changed = await changedBy('/anthropic/v1/messages', {
      model: 'openai',
      max_tokens: 10,
      top_k: 3,
      stop_sequences: ['a', 'b', 'c', 'd', 'e'],
      system: [{ type: 'text', text: 'Be brief.', cache_control: mark }],
      tools: [{ name: 'f', input_schema: { type: 'object' }, cache_control: mark }],
      messages: [
        { role: 'user', content: 'hello' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 's' },
            { type: 'tool_use', id: 'a', name: 'f', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', is_error: true, content: [{ type: 'text', text: 'x' }] },
            { type: 'text', text: 'go on', cache_control: mark },
          ],
        },
      ],
    });
    expect(changed?.split(', ')).toEqual([
      'system.0.cache_control;dropped',
      'messages.1.content.0;dropped',
      'messages.2.content.0.is_error;dropped',
      'messages.2.content.1.cache_control;dropped',
      'tools.0.cache_control;dropped',
      'top_k;dropped',
      'stop_sequences;clamped',
    ]);
  });

  test('by a client of Google’s API', async () => {
    const changed = await changedBy('/gemini/v1beta/models/openai:generateContent', {
      contents: [
        {
          role: 'user',
          parts: [{ text: 'hello' }, { videoMetadata: {}, fileData: { fileUri: 'https://youtu.be/a' } }],
        },
        { role: 'model', parts: [{ functionCall: { name: 'f', args: {} }, thoughtSignature: 'c2ln' }] },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: { error: 'no' } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'f', behavior: 'BLOCKING' }] }, { googleSearch: {} }],
      generationConfig: { topK: 3, thinkingConfig: { includeThoughts: true, thinkingBudget: 100 } },
      safetySettings: [{ category: 'a' }],
    });
    expect(changed?.split(', ')).toEqual([
      'contents.0.parts.1;dropped',
      'contents.1.parts.0.thoughtSignature;dropped',
      'contents.2.parts.0.functionResponse.response.error;dropped',
      'tools.0.functionDeclarations.0.behavior;dropped',
      'tools.1;dropped',
      'generationConfig.thinkingConfig.includeThoughts;dropped',
      'generationConfig.thinkingConfig.thinkingBudget;dropped',
      'generationConfig.topK;dropped',
      'safetySettings;dropped',
    ]);
  });

  test('by a client of the Responses API', async () => {
    const changed = await changedBy('/v1/responses', {
      model: 'compatible',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'hello', cache_control: { type: 'ephemeral' } }] },
        { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
        { type: 'web_search_call', id: 'b' },
        { type: 'function_call_output', call_id: 'a', output: [{ type: 'input_image', file_id: 'c' }] },
      ],
      tools: [
        { type: 'function', name: 'g' },
        { type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f', defer_loading: true }] },
        { type: 'web_search' },
      ],
    });
    expect(changed?.split(', ')).toEqual([
      'input.0.content.0.cache_control;dropped',
      'input.2;dropped',
      'input.3.output.0;approximated',
      'tools.1.tools.0.defer_loading;dropped',
      'tools.2;dropped',
    ]);
  });

  test('in a refusal too', async () => {
    const refused = await gateway.post('/gemini/v1beta/models/anthropic:generateContent', {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [{ parts: [{ text: 'hello' }, { inlineData: { mimeType: 'audio/wav', data: 'aaaa' } }] }],
    });
    expect(refused.status).toBe(422);
    expect(((await refused.json()) as { error: { message: string } }).error.message).toBe(
      "Claude takes no audio, which is at 'contents.0.parts.1'.",
    );
  });
});
