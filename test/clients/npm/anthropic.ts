import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import {
  answerOf,
  collect,
  errorOf,
  failures,
  field,
  leaving,
  npmClient,
  type Setting,
  withoutThoughts,
} from '../client.ts';
import {
  BOTH_PROMPT,
  CHAT,
  PNG,
  REPORT,
  REPORT_ANSWER,
  RESULT,
  RESULT_KEPT,
  RESULTS,
  SEEN,
  THOUGHT,
  TOOL_PROMPT,
  WEATHER,
  weatherIn,
} from '../scenario.ts';
import { checkCount } from './openai-responses.ts';

type Message = Anthropic.MessageParam;
type Create = Anthropic.MessageCreateParamsNonStreaming;

const TOOLS: Anthropic.Tool[] = [
  {
    name: WEATHER.name,
    description: WEATHER.description,
    input_schema: WEATHER.parameters as unknown as Anthropic.Tool.InputSchema,
  },
];

const clientOf = ({ url }: Setting): Anthropic =>
  new Anthropic({ baseURL: `${url}/anthropic`, apiKey: 'any', maxRetries: 0 });

const user = (content: string): Message[] => [{ role: 'user', content }];

function create(setting: Setting, messages: Message[], more: Partial<Create> = {}): Promise<Anthropic.Message> {
  return clientOf(setting).messages.create({ model: setting.model, max_tokens: 500, messages, ...more });
}

const textOf = ({ content }: Anthropic.Message): string =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

function checkAnswer(setting: Setting, answer: Anthropic.Message): void {
  assert.equal(textOf(answer), answerOf(setting));
  assert.equal(answer.stop_reason, 'end_turn');
  if (!setting.family.hasUsage) return;
  const { usage } = answer;
  assert.deepEqual([usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens], [14, 6, 9]);
}

async function chat(setting: Setting): Promise<void> {
  const system = setting.family.takesInstructions ? { system: CHAT.system } : {};
  checkAnswer(setting, await create(setting, user(CHAT.prompt), system));
}

async function stream(setting: Setting): Promise<void> {
  const streamed = clientOf(setting).messages.stream({
    model: setting.model,
    max_tokens: 500,
    system: [{ type: 'text', text: CHAT.system }],
    messages: user(CHAT.prompt),
  });
  const deltas: string[] = [];
  streamed.on('text', (text) => deltas.push(text));
  checkAnswer(setting, await streamed.finalMessage());
  assert.equal(deltas.join(''), answerOf(setting));
}

function results({ content }: Anthropic.Message): Message {
  const calls = content.filter((block) => block.type === 'tool_use');
  return {
    role: 'user',
    content: calls.map(({ id, name, input }) => {
      assert.equal(name, WEATHER.name);
      return { type: 'tool_result', tool_use_id: id, content: weatherIn(String(field(input, 'city'))) };
    }),
  };
}

async function twoTurns(
  setting: Setting,
  prompt: string,
  first: (messages: Message[]) => Promise<Anthropic.Message>,
  more: Partial<Create> = {},
): Promise<string> {
  const messages = user(prompt);
  const answer = await first(messages);
  assert.equal(answer.stop_reason, 'tool_use');
  messages.push({ role: 'assistant', content: answer.content }, results(answer));
  return textOf(await create(setting, messages, { tools: TOOLS, ...more }));
}

async function tools(setting: Setting): Promise<void> {
  const answer = await twoTurns(setting, TOOL_PROMPT, (messages) =>
    create(setting, messages, { tools: TOOLS, tool_choice: { type: 'any' } }),
  );
  assert.equal(answer, RESULT);
}

async function toolStream(setting: Setting): Promise<void> {
  const client = clientOf(setting);
  const answer = await twoTurns(setting, BOTH_PROMPT, (messages) =>
    client.messages.stream({ model: setting.model, max_tokens: 500, messages, tools: TOOLS }).finalMessage(),
  );
  assert.equal(answer, RESULTS);
}

async function parallelTools(setting: Setting): Promise<void> {
  const answer = await twoTurns(setting, BOTH_PROMPT, (messages) => create(setting, messages, { tools: TOOLS }));
  assert.equal(answer, RESULTS);
}

async function jsonSchema(setting: Setting): Promise<void> {
  const answer = await clientOf(setting).messages.parse({
    model: setting.model,
    max_tokens: 500,
    messages: user(TOOL_PROMPT),
    output_config: { format: { type: 'json_schema', schema: REPORT } },
  });
  assert.deepEqual(JSON.parse(textOf(answer)), REPORT_ANSWER);
}

async function image(setting: Setting): Promise<void> {
  const content: Anthropic.ContentBlockParam[] = [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
    { type: 'text', text: 'What do you see?' },
  ];
  assert.equal(textOf(await create(setting, [{ role: 'user', content }])), SEEN);
}

async function reasoning(setting: Setting): Promise<void> {
  const more: Partial<Create> = {
    max_tokens: 20_000,
    thinking: { type: 'enabled', budget_tokens: 4096 },
    tools: TOOLS,
    stream: false,
  };
  const thinking = async (messages: Message[]): Promise<Anthropic.Message> => {
    const request = { model: setting.model, messages, ...more, max_tokens: 20_000, stream: true } as const;
    const answer = await clientOf(setting).messages.stream(request).finalMessage();
    const thoughts = answer.content.map((block) => (block.type === 'thinking' ? block.thinking : ''));
    assert.equal(thoughts.join(''), THOUGHT);
    return answer;
  };
  assert.equal(await twoTurns(setting, TOOL_PROMPT, thinking, more), RESULT_KEPT);
}

async function tokenCount(setting: Setting): Promise<void> {
  const { input_tokens } = await clientOf(setting).messages.countTokens({
    model: setting.model,
    system: CHAT.system,
    messages: user(CHAT.prompt),
    tools: TOOLS,
  });
  checkCount(setting, input_tokens);
}

async function models(setting: Setting): Promise<void> {
  const listed = await collect(await clientOf(setting).models.list());
  assert.ok(listed.some(({ id, type }) => id === setting.model && type === 'model'));
  assert.equal((await clientOf(setting).models.retrieve(setting.model)).id, setting.model);
}

const CLASSES: Readonly<Record<number, new (...words: never[]) => InstanceType<typeof Anthropic.APIError>>> = {
  400: Anthropic.BadRequestError,
  401: Anthropic.AuthenticationError,
  403: Anthropic.PermissionDeniedError,
  404: Anthropic.NotFoundError,
  429: Anthropic.RateLimitError,
};

/** The words by which applications tell errors apart. https://docs.anthropic.com/en/api/errors */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  529: 'overloaded_error',
};

function checkError(error: unknown, status: number): void {
  assert.ok(error instanceof (CLASSES[status] ?? Anthropic.InternalServerError), `${status} raised ${String(error)}`);
  assert.equal(error.status, status);
  assert.match(error.message, status === 404 ? /no-such-endpoint/ : /was told to fail/);
  const type = field(field(error.error, 'error'), 'type');
  if (status !== 503) assert.equal(type, TYPES[status] ?? 'api_error');
  assert.equal(field(error.error, 'type'), 'error');
  if (status === 429) assert.equal(error.headers?.get('retry-after'), '7');
}

async function errors(setting: Setting): Promise<void> {
  await failures(setting, (at, prompt) => create(at, user(prompt)), checkError);
}

async function brokenStream(setting: Setting): Promise<void> {
  const request = { model: setting.model, max_tokens: 500, messages: user('Please break off.') };
  const error = await errorOf(clientOf(setting).messages.stream(request).finalMessage());
  assert.ok(error instanceof Anthropic.APIError, String(error));
}

async function cancellation(setting: Setting): Promise<void> {
  const { messages } = clientOf(setting);
  const request = (prompt: string) => ({ model: setting.model, max_tokens: 500, messages: user(prompt) });
  const error = await leaving(
    setting,
    (prompt, signal) => messages.create(request(prompt), { signal }),
    async (prompt) => {
      const streamed = await messages.create({ ...request(prompt), stream: true });
      for await (const event of streamed) if (event.type === 'content_block_delta') break;
    },
  );
  assert.ok(error instanceof Anthropic.APIUserAbortError);
}

export const anthropicMessages = npmClient(
  '@anthropic-ai/sdk',
  '@anthropic-ai/sdk',
  {
    chat,
    stream,
    tools,
    'tool stream': toolStream,
    'parallel tools': parallelTools,
    'JSON schema': jsonSchema,
    image,
    reasoning,
    'token count': tokenCount,
    models,
    errors,
    'broken stream': brokenStream,
    cancellation,
  },
  withoutThoughts,
);
