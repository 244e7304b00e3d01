import { expect, test } from 'bun:test';
import { decodeConverse } from './response.ts';

const BAD: ReadonlyArray<readonly [name: string, body: unknown]> = [
  ['a text', 'ok'],
  ['a list', []],
  ['no output', { stopReason: 'end_turn' }],
  ['no message', { output: {} }],
  ['content that is a text', { output: { message: { content: 'hi' } } }],
  ['a block that is no object', { output: { message: { content: ['hi'] } } }],
  ['a call without an id', { output: { message: { content: [{ toolUse: { name: 'f', input: {} } }] } } }],
];

for (const [name, body] of BAD) {
  test(`${name} is refused as an answer`, () => {
    expect(() => decodeConverse('chat', body)).toThrow(/^Amazon Bedrock answered in an unknown shape/);
  });
}

test('blocks of kinds to come, and calls that Bedrock made itself, are kept as they are', () => {
  const call = { toolUse: { toolUseId: 's', name: 'nova_grounding', input: {}, type: 'server_tool_use' } };
  const content = [{ hologram: { x: 1 } }, call, { text: 'ok' }];
  const { choices, usage } = decodeConverse('chat', { output: { message: { content } } });
  expect(choices).toEqual([
    {
      parts: [
        { type: 'other', value: { hologram: { x: 1 } } },
        { type: 'other', value: call },
        { type: 'text', text: 'ok' },
      ],
      finish: null,
    },
  ]);
  expect(usage).toBeNull();
});

test('an image is an image', () => {
  const content = [{ image: { format: 'png', source: { bytes: 'AAAA' } } }];
  const { choices } = decodeConverse('chat', { output: { message: { content } }, stopReason: 'end_turn' });
  expect(choices[0]?.parts).toEqual([
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  ]);
});

for (const [native, reason, mlflow] of [
  ['end_turn', 'stop', undefined],
  ['stop_sequence', 'stop', undefined],
  ['tool_use', 'tool_calls', undefined],
  ['max_tokens', 'length', undefined],
  ['model_context_window_exceeded', 'length', 'stop'],
  ['content_filtered', 'content_filter', undefined],
  ['guardrail_intervened', 'content_filter', 'stop'],
  ['malformed_tool_use', 'stop', undefined],
  ['malformed_model_output', 'stop', undefined],
  ['something_new', 'stop', undefined],
] as const) {
  test(`${native} means ${reason}`, () => {
    const { choices } = decodeConverse('chat', { output: { message: { content: [] } }, stopReason: native });
    expect(choices[0]?.finish).toEqual({ reason, native, ...(mlflow && { mlflow }) });
  });
}
