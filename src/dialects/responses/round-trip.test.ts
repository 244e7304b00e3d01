import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { Random } from '../testing/random.ts';
import { encodeResponsesBody } from '../testing/responses-body.ts';
import { decodeResponses as decode } from '../testing/responses-request.ts';

const WEATHER = {
  type: 'object',
  properties: { location: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
  required: ['location', 'unit'],
  additionalProperties: false,
};

const user = (...content: JsonObject[]) => ({ type: 'message', role: 'user', content });
const said = (text: string) => user({ type: 'input_text', text });
const answered = (text: string, fields: JsonObject = {}) => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text, ...fields }],
});

/** Shaped on the examples of https://platform.openai.com/docs/api-reference/responses/create and the guides around it. */
const EXAMPLES: Readonly<Record<string, JsonObject>> = {
  settings: {
    input: [said('Tell me a three sentence bedtime story about a unicorn.')],
    temperature: 1,
    top_p: 0.5,
    max_output_tokens: 512,
    metadata: { topic: 'demo' },
    user: 'user-1234',
    safety_identifier: 's',
    prompt_cache_key: 'k',
    service_tier: 'flex',
    truncation: 'auto',
    max_tool_calls: 3,
    top_logprobs: 2,
    include: ['message.output_text.logprobs'],
    stream: true,
  },
  'image input': {
    input: [
      user(
        { type: 'input_text', text: 'what is in this image?' },
        { type: 'input_image', image_url: 'https://example.com/boardwalk.jpg', detail: 'high' },
        { type: 'input_image', image_url: 'data:image/jpeg;base64,/9j/4AAQ', detail: 'auto' },
        { type: 'input_image', file_id: 'file-1', detail: 'low' },
      ),
    ],
  },
  'file and audio input': {
    input: [
      user(
        { type: 'input_file', file_url: 'https://example.com/letter.pdf' },
        { type: 'input_file', file_id: 'file-6F2ksmvXxt4VdoqmHRw6kL' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
        { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'mp3' } },
        { type: 'input_text', text: 'Summarise.', cache_control: { type: 'ephemeral' } },
      ),
    ],
  },
  'hosted tools': {
    input: [
      said('news?'),
      { type: 'web_search_call', action: { type: 'search', query: 'news' } },
      answered('Rain.', {
        annotations: [{ type: 'url_citation', start_index: 0, end_index: 4, url: 'https://example.com', title: 'T' }],
      }),
      { type: 'mcp_approval_response', approve: true, approval_request_id: 'mcpr_1' },
    ],
    tools: [
      { type: 'web_search', user_location: { type: 'approximate', city: 'London' } },
      { type: 'mcp', server_label: 'dice', server_url: 'https://dice.example', require_approval: 'never' },
      { type: 'file_search', vector_store_ids: ['vs_1'], max_num_results: 20 },
    ],
    tool_choice: { type: 'web_search' },
    include: ['web_search_call.action.sources'],
  },
  functions: {
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be short.' }] },
      said('What is the weather in Paris and Rome?'),
      { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"location":"Paris"}' },
      { type: 'function_call', call_id: 'call_2', name: 'get_weather', arguments: '' },
      { type: 'function_call_output', call_id: 'call_1', output: '{"temperature": 22}' },
      {
        type: 'function_call_output',
        call_id: 'call_2',
        output: [
          { type: 'input_text', text: 'see' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
        ],
      },
    ],
    tools: [
      { type: 'function', name: 'get_weather', description: 'Weather', parameters: WEATHER, strict: true },
      { type: 'function', name: 'later', defer_loading: true },
    ],
    tool_choice: { type: 'function', name: 'get_weather' },
    parallel_tool_calls: true,
  },
  'allowed tools': {
    input: [said('x')],
    tools: [{ type: 'function', name: 'get_weather' }],
    tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_weather' }] },
  },
  'structured output': {
    input: [said('how can I solve 8x + 7 = -23')],
    text: {
      format: { type: 'json_schema', name: 'math_response', description: 'steps', strict: true, schema: WEATHER },
      verbosity: 'low',
    },
  },
  reasoning: {
    input: [
      said('Write a bash script.'),
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Thinking' }], encrypted_content: 'gAAAAABo' },
      {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'refusal', refusal: "I'm sorry." }],
        phase: 'final_answer',
      },
      { type: 'image_generation_call', result: 'AAAA', output_format: 'webp', revised_prompt: 'a cat' },
      said('Why?'),
    ],
    reasoning: { effort: 'high', summary: 'detailed' },
    include: ['code_interpreter_call.outputs'],
  },
};

describe('a body becomes the neutral shape and the same body again', () => {
  test.each(Object.entries(EXAMPLES))('%s', (_name, body) => {
    const { include, ...written } = encodeResponsesBody(decode(body));
    const { include: wanted, ...others } = body;
    expect(written).toEqual(others);
    expect(include).toEqual(wanted);
  });

  test('tools that take free text', () => {
    const body = {
      input: [
        said('fix it'),
        { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: '*** Begin "é"\n' },
        { type: 'function_call_output', call_id: 'c1', output: 'Done!' },
      ],
      tools: [
        {
          type: 'custom',
          name: 'apply_patch',
          description: 'Edits files',
          format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
        },
      ],
    };
    expect(encodeResponsesBody(decode(body), new Set(['apply_patch']))).toEqual(body);
  });
});

describe('what has more than one form becomes one of them', () => {
  test('a text alone is a message of the user, after the instructions', () => {
    expect(encodeResponsesBody(decode({ instructions: 'Be kind.', input: 'Hi' })).input).toEqual([
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'Be kind.' }] },
      said('Hi'),
    ]);
  });

  test('what the provider keeps of an item, and what says nothing, is left out', () => {
    const { input, ...others } = encodeResponsesBody(
      decode({
        model: 'm',
        input: [
          { role: 'user', content: 'Hi', id: 'msg_1', status: 'completed' },
          { id: 'rs_1', type: 'reasoning', summary: [] },
          { ...answered('Hello', { annotations: [], logprobs: [] }), id: 'msg_2', status: 'completed' },
        ],
        store: false,
        background: false,
        truncation: 'disabled',
        metadata: {},
        instructions: null,
        previous_response_id: null,
        reasoning: { effort: null, summary: 'auto' },
        include: ['reasoning.encrypted_content'],
        stream_options: { include_obfuscation: false },
        text: { format: { type: 'text' } },
      }),
    );
    expect(input).toEqual([said('Hi'), answered('Hello')]);
    expect(others).toEqual({ text: { format: { type: 'text' } } });
  });
});

const items: ReadonlyArray<(random: Random) => JsonObject> = [
  (random) => ({ type: 'message', role: random.pick(['user', 'developer']), content: random.text() }),
  (random) => user(...random.list(3, () => content(random))),
  (random) => answered(random.text(), random.chance(0.3) ? { citations: [random.text()] } : {}),
  (random) => ({ type: 'function_call', call_id: random.text(), name: random.text(), arguments: random.text() }),
  (random) => ({ type: 'custom_tool_call', call_id: random.text(), name: random.text(), input: random.text() }),
  (random) => ({ type: 'function_call_output', call_id: random.text(), output: random.text() }),
  (random) => ({
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: random.text() }],
    encrypted_content: random.text(),
  }),
  (random) => ({ type: `kind_${random.below(9)}`, value: random.text(), extra: { deep: [random.text()] } }),
];

const content = (random: Random): JsonObject =>
  random.pick<JsonObject>([
    { type: 'input_text', text: random.text(), [`x_${random.below(9)}`]: random.text() },
    { type: 'input_image', image_url: `https://example.com/${random.text()}`, size: random.text() },
    { type: 'input_file', file_id: random.text(), filename: random.text(), detail: random.text() },
    { type: `odd_${random.below(9)}`, value: random.text() },
  ]);

function leaves(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves);
  return [String(value)];
}

describe('whatever a client writes', () => {
  test('nothing of it is lost: every text is somewhere in the neutral shape', () => {
    for (let seed = 0; seed < 1000; seed += 1) {
      const random = new Random(seed);
      const input = [said('x'), ...random.list(6, () => random.pick(items)(random))];
      const kept = leaves(decode({ input })).join('\u0000');
      const sought = leaves(input).filter((leaf) => !FORMAT_WORDS.test(leaf));
      // The free text of a tool stands within JSON.
      const lost = sought.filter((leaf) => !kept.includes(leaf) && !kept.includes(JSON.stringify(leaf).slice(1, -1)));
      expect({ seed, lost }).toEqual({ seed, lost: [] });
    }
  });

  test('any JSON is taken or refused by name, and never breaks the gateway', () => {
    const fields = [
      'input',
      'instructions',
      'tools',
      'tool_choice',
      'text',
      'reasoning',
      'include',
      'temperature',
      'stream',
    ];
    for (let seed = 0; seed < 3000; seed += 1) {
      const random = new Random(seed);
      const body: JsonObject = { input: [said('x'), random.value(), random.object()] };
      for (const field of fields) if (random.chance(0.3)) body[field] = random.value();
      try {
        decode(body);
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
        expect({ seed, status: (error as GatewayError).status }).toEqual({ seed, status: 400 });
        expect((error as GatewayError).parameter).not.toBeNull();
      }
    }
  });
});

const FORMAT_WORDS =
  /^(?:message|function_call|custom_tool_call|function_call_output|reasoning|summary_text|input_text|input_image|input_file|output_text)$/;
