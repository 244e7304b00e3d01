import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { carry } from '../../core/openai/carried.ts';
import type { JsonObject } from '../../core/types.ts';
import { decodeResponses as decode, RESPONSES_CONTEXT } from '../testing/responses-request.ts';

function refusal(body: JsonObject): GatewayError {
  try {
    decode(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was taken');
}

describe('items become messages', () => {
  test('what a model thinks, says and calls between two words of the user is one message', () => {
    const { messages } = decode({
      input: [
        { role: 'user', content: 'x' },
        {
          type: 'reasoning',
          summary: [
            { type: 'summary_text', text: 'a' },
            { type: 'summary_text', text: 'b' },
          ],
        },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Let me see.' }] },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
        { type: 'function_call', call_id: 'c2', name: 'g', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: '1' },
        { type: 'function_call_output', call_id: 'c2', output: '2' },
        { role: 'assistant', content: 'Done.' },
      ],
    });
    expect(messages.map(({ role, parts }) => [role, ...parts.map(({ type }) => type)])).toEqual([
      ['user', 'text'],
      ['assistant', 'reasoning', 'text', 'tool-call', 'tool-call'],
      ['tool', 'tool-result'],
      ['tool', 'tool-result'],
      ['assistant', 'text'],
    ]);
    expect(messages[1]?.parts[0]).toEqual({ type: 'reasoning', text: 'a\n\nb' });
  });

  test('messages that say different things of themselves stay apart', () => {
    const { messages } = decode({
      input: [
        { role: 'assistant', content: 'One.', phase: 'commentary' },
        { role: 'assistant', content: 'Two.', phase: 'final_answer' },
      ],
    });
    expect(messages.map(({ rest }) => rest)).toEqual([{ phase: 'commentary' }, { phase: 'final_answer' }]);
  });
});

describe('what an answer gave the client to keep', () => {
  const reasoning = (encrypted_content: string) => ({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content });
  const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' };
  const input = [
    reasoning(carry('maker', { kind: 'reasoning', encrypted: 'secret' })),
    reasoning(carry('maker', { kind: 'call', id: 'c1', signature: 'signed' })),
    call,
    reasoning(carry('maker', { kind: 'part', value: { type: 'server_tool_use' } })),
  ];

  test('its provider gets it back', () => {
    expect(decode({ input }, RESPONSES_CONTEXT).messages[0]?.parts).toEqual([
      { type: 'reasoning', text: '', encrypted: 'secret' },
      { type: 'tool-call', id: 'c1', name: 'f', arguments: '{}', signature: 'signed' },
      { type: 'other', value: { type: 'server_tool_use' } },
    ]);
  });

  test('another provider does not, and the change can be named', () => {
    const parts = decode({ input }, { ...RESPONSES_CONTEXT, provider: 'rival' }).messages[0]?.parts ?? [];
    expect(parts.map((part) => ('rest' in part ? Object.keys(part.rest ?? {}) : part.type))).toEqual([
      ['encrypted_content'],
      ['encrypted_content'],
      'tool-call',
      ['encrypted_content'],
    ]);
    expect(JSON.stringify(parts)).not.toContain('signed');
  });

  test.each(['sluice1.', 'sluice1.AAAA', 'sluice1.e30', 'gAAAA'])('%p is not misread', (content) => {
    expect(decode({ input: [reasoning(content)] }, RESPONSES_CONTEXT).messages[0]?.parts).toEqual([
      { type: 'reasoning', text: '', rest: { encrypted_content: content } },
    ]);
  });
});

test('tools of a namespace are known by both names together', () => {
  const { tools, messages, toolChoice } = decode({
    input: [{ type: 'function_call', call_id: 'c', namespace: 'mcp__files__', name: 'read', arguments: '{}' }],
    tools: [
      {
        type: 'namespace',
        name: 'mcp__files__',
        description: 'Files.',
        tools: [
          { type: 'function', name: 'read', parameters: { type: 'object' } },
          { type: 'custom', name: 'write', description: 'Writes' },
        ],
      },
      { type: 'namespace', name: 'crm', tools: [{ type: 'function', name: 'find' }] },
    ],
    tool_choice: { type: 'function', namespace: 'crm', name: 'find' },
  });
  expect(tools).toMatchObject([
    { name: 'mcp__files__read', parameters: { type: 'object' }, rest: { namespace: { description: 'Files.' } } },
    { name: 'mcp__files__write', description: 'Writes', parameters: { required: ['input'] } },
    { name: 'crm__find' },
  ]);
  expect(messages[0]?.parts[0]).toMatchObject({ name: 'mcp__files__read' });
  expect(toolChoice).toEqual({ name: 'crm__find' });
});

describe('what needs a state that is not kept', () => {
  test.each([
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ conversation: { id: 'conv_1' } }, 'conversation'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
    [{ background: true }, 'background'],
    [{ input: [{ type: 'item_reference', id: 'rs_1' }] }, 'input[0]'],
    [{ input: [{ id: 'rs_1' }] }, 'input[0]'],
  ])('%j is refused, and why', (body, parameter) => {
    const { status, message, ...error } = refusal(body);
    expect([status, error.parameter]).toEqual([400, parameter]);
    expect(message).toMatch(/keeps no state|has not kept/);
  });
});

describe('a wrong value is refused by its name', () => {
  test.each([
    [{ input: 3 }, 'input'],
    [{ input: ['x'] }, 'input[0]'],
    [{ input: [{ role: 'user', content: [{ type: 'input_text' }] }] }, 'input[0].content[0].text'],
    [{ input: [{ role: 'user', content: [{ text: 'x' }] }] }, 'input[0].content[0].type'],
    [{ input: [{ role: 'user', content: [{ type: 'input_image' }] }] }, 'input[0].content[0].image_url'],
    [{ input: [{ type: 'function_call', name: 'f' }] }, 'input[0].call_id'],
    [{ max_output_tokens: 1.5 }, 'max_output_tokens'],
    [{ instructions: 5 }, 'instructions'],
    [{ stream: 'yes' }, 'stream'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ text: { format: { type: 'json_schema', schema: 'x' } } }, 'text.format.schema'],
    [{ reasoning: { effort: 3 } }, 'reasoning.effort'],
    [{ include: 'x' }, 'include'],
  ])('%j', (body, parameter) => {
    expect(refusal(body)).toMatchObject({ status: 400, parameter });
  });
});

test('settings have the names of the common tongue', () => {
  const { settings, reasoning, responseFormat, rest } = decode({
    max_output_tokens: 5,
    temperature: 0.5,
    reasoning: { effort: 'low', summary: 'auto' },
    text: { verbosity: 'high', format: { type: 'json_object' } },
    top_logprobs: 3,
  });
  expect(settings).toEqual({ max_completion_tokens: 5, temperature: 0.5 });
  expect([reasoning, responseFormat]).toEqual([{ effort: 'low' }, { type: 'json_object' }]);
  expect(rest).toEqual({ verbosity: 'high', logprobs: true, top_logprobs: 3 });
});
