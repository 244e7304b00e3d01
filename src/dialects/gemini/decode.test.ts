import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { Random } from '../testing/random.ts';
import { gemini } from './index.ts';
import { encodeChunks, eventsOf } from './testing/client.ts';

function decode(body: JsonObject): NeutralChatRequest {
  const request = gemini.decode('chat', gemini.check('chat', body, false, PLAIN_PATH));
  if (request.operation !== 'chat') throw new Error('not a chat');
  return request;
}

const user = (...parts: JsonObject[]) => ({ role: 'user', parts });
const model = (...parts: JsonObject[]) => ({ role: 'model', parts });
const CONTENTS = [user({ text: 'Hi' })];
const messages = (...contents: JsonObject[]) => decode({ contents }).messages;
const settings = (generationConfig: JsonObject) => decode({ contents: CONTENTS, generationConfig });

describe('a conversation', () => {
  test('has its instruction in front, and each response in a message of its own', () => {
    const request = decode({
      systemInstruction: { role: 'user', parts: [{ text: 'Be brief.' }] },
      contents: [
        user({ text: 'Hi' }),
        model({ functionCall: { id: 'a', name: 'f', args: { x: 1 } } }),
        user({ functionResponse: { id: 'a', name: 'f', response: { output: 'ok' } } }, { text: 'Well?' }),
      ],
    });
    expect(request.messages).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }], rest: {} },
      { role: 'user', parts: [{ type: 'text', text: 'Hi' }], rest: {} },
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'f', arguments: '{"x":1}' }], rest: {} },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', toolCallId: 'a', parts: [{ type: 'text', text: '{"output":"ok"}' }] }],
        rest: {},
      },
      { role: 'user', parts: [{ type: 'text', text: 'Well?' }], rest: {} },
    ]);
  });

  test('without ids has its responses matched to its calls by name and order', () => {
    const call = (name: string) => ({ functionCall: { name, args: {} } });
    const response = (name: string) => ({ functionResponse: { name, response: {} } });
    const turns = messages(
      model(call('f'), call('g.x'), call('f')),
      user(response('f'), response('g.x'), response('f')),
      model(call('f')),
      user(response('f')),
    );
    const ids = turns.flatMap(({ parts }) =>
      parts.map((part) => (part.type === 'tool-call' ? part.id : part.type === 'tool-result' ? part.toolCallId : null)),
    );
    expect(ids.slice(0, 3)).toEqual(['call_0_f', 'call_1_g_x', 'call_2_f']);
    expect(ids.slice(3, 6)).toEqual(ids.slice(0, 3));
    expect(ids.slice(6)).toEqual(['call_3_f', 'call_3_f']);
  });

  test('gives no id that is longer than providers take', () => {
    const [turn] = messages(model({ functionCall: { name: 'n'.repeat(128) } }));
    expect(turn?.parts[0]).toMatchObject({ id: `call_0_${'n'.repeat(33)}`, arguments: '{}' });
  });

  test('puts a streamed turn, which clients keep in pieces, together again', () => {
    const seal = 'signature, no base64';
    const events = eventsOf(
      encodeChunks([
        { choices: [{ index: 0, reasoning: { text: 'I th' } }] },
        { choices: [{ index: 0, reasoning: { text: 'ink' } }] },
        { choices: [{ index: 0, reasoning: { signature: seal } }] },
        { choices: [{ index: 0, reasoning: { encrypted: 'sealed' } }] },
        { choices: [{ index: 0, text: 'Hel' }] },
        { choices: [{ index: 0, text: 'lo' }] },
        { choices: [{ index: 0, parts: [{ type: 'text', text: '', rest: { citations: [1] } }] }] },
        { choices: [{ index: 0, parts: [{ type: 'other', value: { type: 'server_tool_use', id: 's' } }] }] },
        { choices: [{ index: 0, toolCalls: [{ index: 0, id: 'a', name: 'f', arguments: '{}', signature: seal }] }] },
        { choices: [{ index: 0, finish: { reason: 'tool_calls' } }] },
      ]),
    );
    const contents = events.flatMap(({ candidates }) => (candidates as JsonObject[]).map(({ content }) => content));
    const [turn, ...others] = messages(...(contents as JsonObject[]));
    expect(others).toEqual([]);
    expect(turn?.parts).toEqual([
      { type: 'reasoning', text: 'I think', signature: seal },
      { type: 'reasoning', text: '', encrypted: 'sealed' },
      { type: 'text', text: 'Hello', rest: { citations: [1] } },
      { type: 'other', value: { type: 'server_tool_use', id: 's' } },
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{}', signature: seal },
    ]);
  });

  test('reads signatures that the Python client wrote in another alphabet', () => {
    const signature = Buffer.from(Uint8Array.from({ length: 96 }, (_, index) => 255 - index)).toString('base64');
    expect(signature).toContain('/');
    const rewritten = signature.replaceAll('+', '-').replaceAll('/', '_');
    const [turn] = messages(model({ text: 'a', thought: true, thoughtSignature: rewritten }));
    expect(turn?.parts).toEqual([{ type: 'reasoning', text: 'a', signature }]);
    const placeholder = 'skip_thought_signature_validator';
    const [other] = messages(model({ functionCall: { name: 'f' }, thoughtSignature: placeholder }));
    expect(other?.parts).toMatchObject([{ signature: placeholder }]);
  });

  test('reads data that the Python client wrote in another alphabet', () => {
    const [turn] = messages(user({ inlineData: { mimeType: 'image/png', data: '-_8=' } }));
    expect(turn?.parts).toMatchObject([{ source: { kind: 'base64', mediaType: 'image/png', data: '+/8=' } }]);
  });

  test('tells a file that only Google has from one that anybody can fetch', () => {
    const file = (fileUri: string) => ({ fileData: { mimeType: 'image/png', fileUri } });
    const [turn] = messages(user(file('gs://b/a.png'), file('https://a/b.png')));
    expect(turn?.parts).toEqual([
      { type: 'image', source: { kind: 'file', id: 'gs://b/a.png', mediaType: 'image/png' } },
      { type: 'image', source: { kind: 'url', url: 'https://a/b.png', mediaType: 'image/png' } },
    ]);
  });

  test('carries pictures in the response of a function', () => {
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }];
    const [, turn] = messages(
      model({ functionCall: { name: 'f' } }),
      user({ functionResponse: { name: 'f', response: { error: 'no' }, parts } }),
    );
    expect(turn?.parts).toMatchObject([{ isError: true, parts: [{ type: 'text', text: 'no' }, { type: 'image' }] }]);
  });
});

describe('thinking', () => {
  test.each([
    [{ thinkingBudget: 512 }, { mode: 'enabled', budgetTokens: 512, visible: false }],
    [
      { thinkingBudget: -1, includeThoughts: true },
      { mode: 'adaptive', visible: true },
    ],
    [{ thinkingBudget: 0 }, { mode: 'disabled', budgetTokens: 0, visible: false }],
    [{ thinkingLevel: 'HIGH' }, { effort: 'high', visible: false }],
    [{ include_thoughts: true }, { visible: true }],
    [{ includeThoughts: false }, undefined],
  ])('of %j', (thinkingConfig: JsonObject, reasoning: unknown) => {
    const request = settings({ thinkingConfig });
    expect<unknown>(request.reasoning).toEqual(reasoning);
    expect(request.rest).toEqual({});
  });
});

describe('a tool', () => {
  const [tool] = decode({
    contents: CONTENTS,
    tools: [
      {
        functionDeclarations: [
          {
            name: 'f',
            parameters: {
              type: 'OBJECT',
              properties: {
                any_of: { any_of: [{ type: 'STRING' }, { type: 'INTEGER', format: 'int64' }], nullable: true },
                kind: { type: 'STRING', format: 'enum', enum: ['a'], nullable: true },
                map: { type: 'OBJECT', additional_properties: { type: 'STRING', max_length: '5' } },
                properties: { type: 'TYPE_UNSPECIFIED' },
              },
            },
          },
        ],
      },
    ],
  }).tools;

  test('has its schema as JSON Schema', () => {
    expect(tool).toEqual({
      name: 'f',
      parameters: {
        type: 'object',
        properties: {
          any_of: { anyOf: [{ type: 'string' }, { type: 'integer', format: 'int64' }, { type: 'null' }] },
          kind: { type: ['string', 'null'], enum: ['a', null] },
          map: { type: 'object', additionalProperties: { type: 'string', maxLength: 5 } },
          properties: {},
        },
      },
    });
  });

  test.each([
    [{ mode: 'NONE' }, { toolChoice: 'none', rest: {} }],
    [{ mode: 'any' }, { toolChoice: 'required', rest: {} }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f'] },
      { toolChoice: { name: 'f' }, rest: {} },
    ],
    [{ mode: 'VALIDATED' }, { rest: { toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } } }],
    [
      { mode: 'AUTO', streamFunctionCallArguments: true },
      { toolChoice: 'auto', rest: { toolConfig: { functionCallingConfig: { streamFunctionCallArguments: true } } } },
    ],
  ])('is called by %j', (functionCallingConfig: JsonObject, expected: JsonObject) => {
    const { toolChoice, rest } = decode({ contents: CONTENTS, toolConfig: { functionCallingConfig } });
    expect<unknown>({ ...(toolChoice && { toolChoice }), rest }).toEqual(expected);
  });
});

const BROKEN: ReadonlyArray<readonly [body: unknown, parameter: string]> = [
  [[], 'body'],
  [{}, 'contents'],
  [{ contents: [] }, 'contents'],
  [{ contents: ['Hi'] }, 'contents[0]'],
  [{ contents: [{ parts: ['Hi'] }] }, 'contents[0].parts[0]'],
  [{ contents: [{ role: 1, parts: [] }] }, 'contents[0].role'],
  [{ contents: [model({ functionCall: {} })] }, 'contents[0].parts[0].functionCall.name'],
  [{ contents: [user({ inlineData: {} })] }, 'contents[0].parts[0].inlineData.data'],
  [{ contents: CONTENTS, systemInstruction: 'Hi' }, 'systemInstruction'],
  [{ contents: CONTENTS, generationConfig: { topK: 'many' } }, 'generationConfig.topK'],
  [{ contents: CONTENTS, generationConfig: { stopSequences: [1] } }, 'generationConfig.stopSequences[0]'],
  [{ contents: CONTENTS, tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations.name'],
];

describe('a request that no provider could read', () => {
  test.each(BROKEN)('is refused: %j', (body, parameter) => {
    const refused = () => decode(body as JsonObject);
    expect(refused).toThrow(GatewayError);
    expect(refused).toThrow(expect.objectContaining({ code: 'invalid_request', parameter }));
  });

  test('never does more than that', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = new Random(seed);
      const parts = random.list(3, () => ({
        [random.pick(['text', 'thought', 'inlineData', 'function_call', 'functionResponse', 'fileData'])]:
          random.value(),
      }));
      const body = {
        contents: [{ role: random.pick(['user', 'model', 'function']), parts }],
        [random.pick(['tools', 'toolConfig', 'generationConfig', 'systemInstruction'])]: random.value(),
      };
      try {
        decode(body);
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
      }
    }
  });
});
