import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { encodeChat } from '../../providers/openai-wire/request.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { mlflow } from '../mlflow/index.ts';
import { Random } from '../testing/random.ts';
import { openai } from './index.ts';

/** In OpenAI's format again, for a server that takes everything that clients write. */
function encodeOpenAIBody(request: NeutralChatRequest): JsonObject {
  const takes = (extension: string) => extension !== 'reasoning';
  return encodeChat(request, { takes, takesEffort: true, leastEffort: 'none', changes: new Changes() });
}

function roundTrip(body: JsonObject): JsonObject {
  const request = openai.decode('chat', openai.check('chat', body, false, PLAIN_PATH));
  if (request.operation !== 'chat') throw new Error('not a chat');
  return encodeOpenAIBody(request);
}

const PARAMETERS = {
  type: 'object',
  properties: {
    location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
  },
  required: ['location'],
  additionalProperties: false,
};

/** Shaped on the examples of https://platform.openai.com/docs/api-reference/chat/create and the guides around it. */
const EXAMPLES: Readonly<Record<string, JsonObject>> = {
  default: {
    messages: [
      { role: 'developer', content: 'You are a helpful assistant.' },
      { role: 'user', content: 'Hello!', name: 'ann' },
    ],
    temperature: 1,
    max_completion_tokens: 512,
    stop: ['\n\n'],
    seed: 42,
    user: 'user-1234',
    metadata: { topic: 'demo' },
  },
  'image input': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is in this image?' },
          { type: 'image_url', image_url: { url: 'https://example.com/boardwalk.jpg', detail: 'high' } },
          { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AAQ' } },
        ],
      },
    ],
    max_tokens: 300,
  },
  'audio input and output': {
    modalities: ['text', 'audio'],
    audio: { voice: 'alloy', format: 'wav' },
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is in this recording?' },
          { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
        ],
      },
      { role: 'assistant', audio: { id: 'audio_abc123' } },
    ],
  },
  'file input': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'file', file: { filename: 'draconomicon.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
          { type: 'file', file: { file_id: 'file-6F2ksmvXxt4VdoqmHRw6kL' } },
          { type: 'text', text: 'What is the first dragon in the book?' },
        ],
      },
    ],
  },
  'function calling': {
    messages: [
      { role: 'user', content: "What's the weather like in Boston and Paris today?" },
      {
        role: 'assistant',
        tool_calls: [
          {
            id: 'call_abc123',
            type: 'function',
            function: { name: 'get_current_weather', arguments: '{\n"location": "Boston, MA"\n}' },
          },
          {
            id: 'call_abc124',
            type: 'function',
            function: { name: 'get_current_weather', arguments: '{"location":"Paris"}' },
          },
          { id: 'call_abc125', type: 'custom', custom: { name: 'code_exec', input: 'print(1)' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_abc123', content: '{"temperature": 22}' },
      {
        role: 'tool',
        tool_call_id: 'call_abc124',
        content: [
          { type: 'text', text: 'rain' },
          { type: 'text', text: 'wind' },
        ],
      },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_current_weather',
          description: 'Get the current weather in a given location',
          parameters: PARAMETERS,
          strict: true,
        },
      },
      { type: 'custom', custom: { name: 'code_exec', description: 'Executes arbitrary Python code' } },
    ],
    tool_choice: { type: 'function', function: { name: 'get_current_weather' } },
    parallel_tool_calls: true,
  },
  'allowed tools': {
    messages: [{ role: 'user', content: 'x' }],
    tools: [{ type: 'function', function: { name: 'get_weather' } }],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'get_weather' } }] },
    },
  },
  'structured output': {
    messages: [{ role: 'user', content: 'how can I solve 8x + 7 = -23' }],
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'math_response', description: 'steps', strict: true, schema: PARAMETERS },
    },
  },
  'logprobs and penalties': {
    messages: [{ role: 'user', content: 'Hello!' }],
    logprobs: true,
    top_logprobs: 2,
    n: 2,
    presence_penalty: -0.5,
    frequency_penalty: 0.5,
    top_p: 0.9,
    logit_bias: { '1734': -100 },
  },
  'reasoning, prediction, web search': {
    messages: [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: "I'm sorry." }] },
    ],
    reasoning_effort: 'minimal',
    verbosity: 'low',
    service_tier: 'flex',
    prediction: { type: 'content', content: 'class User {' },
    web_search_options: { user_location: { type: 'approximate', approximate: { city: 'London' } } },
    prompt_cache_key: 'k',
    safety_identifier: 's',
    store: true,
    stream: true,
  },
};

describe('a body becomes the neutral shape and the same body again', () => {
  test.each(Object.entries(EXAMPLES))('%s', (_name, body) => {
    expect(roundTrip(body)).toEqual(body);
  });
});

/** A message of random parts, well formed or with fields that nobody knows. */
function randomMessage(random: Random): JsonObject {
  const extras = random.chance(0.3) ? { [`x_${random.below(100)}`]: random.text() } : {};
  const cache = random.chance(0.2) ? { cache_control: { type: 'ephemeral', ttl: random.text() } } : {};
  const content = random.chance(0.3) ? random.text() : random.list(4, () => randomPart(random));
  switch (random.below(3)) {
    case 0:
      return { role: 'user', content, ...extras, ...cache };
    case 1:
      return { role: 'tool', tool_call_id: random.text(), content, ...extras, ...cache };
    default:
      return {
        role: 'assistant',
        content,
        ...(random.chance(0.5) && { tool_calls: random.list(3, () => randomCall(random)) }),
        ...(random.chance(0.4) && { reasoning_details: random.list(2, () => randomDetail(random)) }),
        ...(random.chance(0.3) && { refusal: random.text() }),
        ...extras,
        ...cache,
      };
  }
}

function randomPart(random: Random): JsonObject {
  const extras = random.chance(0.3) ? { note: random.text(), cache_control: { type: random.text() } } : {};
  const encoded = Buffer.from(random.text()).toString('base64');
  const part = random.pick<JsonObject>([
    { type: 'text', text: random.text() },
    { type: 'refusal', refusal: random.text() },
    {
      type: 'image_url',
      image_url: { url: `https://example.com/${random.text()}`, detail: 'low', size: random.text() },
    },
    { type: 'image_url', image_url: { url: `data:image/webp;base64,${encoded}` } },
    { type: 'input_audio', input_audio: { data: encoded, format: 'mp3' } },
    { type: 'file', file: { file_data: `data:application/pdf;base64,${encoded}`, filename: random.text() } },
    { type: 'file', file: { file_id: random.text(), purpose: random.text() } },
    { type: 'file', file: { odd: random.text() } },
    { type: `kind_${random.below(9)}`, value: random.text() },
    { type: 'reasoning', summary: [{ type: 'summary_text', text: random.text() }], id: random.text() },
  ]);
  return { ...part, ...extras };
}

const randomCall = (random: Random): JsonObject =>
  random.chance(0.2)
    ? { id: random.text(), type: 'custom', custom: { input: random.text() } }
    : {
        id: random.text(),
        type: 'function',
        function: { name: random.text(), arguments: JSON.stringify({ a: random.text() }), hint: random.text() },
        ...(random.chance(0.3) && { thought_signature: random.text() }),
        ...(random.chance(0.3) && { extra_content: { google: { thought_signature: 's' }, other: random.text() } }),
      };

const randomDetail = (random: Random): JsonObject =>
  random.pick<JsonObject>([
    { type: 'reasoning.text', text: random.text(), signature: random.text() },
    { type: 'reasoning.encrypted', data: random.text(), id: random.text() },
    { type: 'reasoning.unknown', value: random.text() },
  ]);

/** Every text and number in a value, however deep. */
function leaves(value: unknown): unknown[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves);
  return [value];
}

describe('whatever a client writes', () => {
  test('nothing of it is lost: every text is somewhere in the neutral shape', () => {
    for (let seed = 0; seed < 1000; seed += 1) {
      const random = new Random(seed);
      const messages = [{ role: 'user', content: 'x' }, ...random.list(5, () => randomMessage(random))];
      const request = openai.decode('chat', openai.check('chat', { messages }, false, PLAIN_PATH));
      // A data URL is taken apart, and the words of the format itself are turned into types.
      const kept = new Set(leaves(request).map(String));
      const sought = leaves(messages).filter((leaf) => typeof leaf === 'string' && !FORMAT_WORDS.test(leaf));
      const lost = sought.filter((leaf) => !kept.has(String(leaf).replace(/^data:[^,]*,/, '')));
      expect({ seed, lost }).toEqual({ seed, lost: [] });
    }
  });

  test('it is taken, or refused with the field’s name; nothing breaks', () => {
    const outcomes = { taken: 0, refused: 0 };
    for (let seed = 0; seed < 6000; seed += 1) {
      const random = new Random(seed);
      const operation = random.pick<Operation>(['chat', 'chat', 'chat', 'completions', 'embeddings']);
      const dialect = random.pick([openai, mlflow]);
      const body = randomBody(random);
      try {
        const request = dialect.decode(operation, dialect.check(operation, body, false, PLAIN_PATH));
        JSON.stringify(request);
        if (request.operation === 'chat') encodeOpenAIBody(request);
        outcomes.taken += 1;
      } catch (error) {
        if (!(error instanceof GatewayError)) throw new Error(`broke at seed ${seed}`, { cause: error });
        expect([400, 422]).toContain(error.status);
        if (dialect === openai) expect(error.parameter).not.toBeNull();
        outcomes.refused += 1;
      }
    }
    expect(outcomes.taken).toBeGreaterThan(300);
    expect(outcomes.refused).toBeGreaterThan(300);
  });
});

const FORMAT_WORDS =
  /^(reasoning\.(text|encrypted)|text|refusal|image_url|input_audio|file|mp3|function|reasoning|summary_text|s)$/;

/** A good body in which one to three values, somewhere, were replaced by anything. */
function randomBody(random: Random): JsonObject {
  const body = structuredClone(random.pick(Object.values(EXAMPLES)));
  body.prompt = 'x';
  body.input = ['x'];
  body.functions = random.chance(0.1) ? [{ name: 'f' }] : null;
  for (let count = random.below(3); count >= 0; count -= 1) replaceSomewhere(body, random);
  return body;
}

function replaceSomewhere(holder: JsonObject | unknown[], random: Random): void {
  const keys = Object.keys(holder);
  if (keys.length === 0) return;
  const key = random.pick(keys);
  const target = holder as JsonObject;
  const value = target[key];
  if (typeof value === 'object' && value !== null && random.chance(0.8)) {
    replaceSomewhere(value as JsonObject, random);
  } else {
    target[key] = random.value();
  }
}
