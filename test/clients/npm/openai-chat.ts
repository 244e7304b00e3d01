import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { answerOf, collect, errorOf, failures, leaving, npmClient, type Setting, withoutThoughts } from '../client.ts';
import {
  BOTH_PROMPT,
  CHAT,
  EMBEDDED,
  PNG,
  REPORT,
  REPORT_ANSWER,
  RESULT,
  RESULT_KEPT,
  RESULTS,
  SEEN,
  THOUGHT,
  TOOL_PROMPT,
  VECTOR,
  VECTORS,
  WEATHER,
  weatherIn,
} from '../scenario.ts';

type Message = OpenAI.ChatCompletionMessageParam;

const TOOLS: OpenAI.ChatCompletionTool[] = [{ type: 'function', function: WEATHER }];

const clientOf = ({ url }: Setting): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });

function create(
  setting: Setting,
  messages: Message[],
  more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {},
): Promise<OpenAI.ChatCompletion> {
  return clientOf(setting).chat.completions.create({ model: setting.model, messages, ...more });
}

const ask = (setting: Setting, content: string) => create(setting, [{ role: 'user', content }]);

function checkUsage({ family }: Setting, usage: OpenAI.CompletionUsage | null | undefined): void {
  if (!family.hasUsage) return;
  assert.deepEqual([usage?.prompt_tokens, usage?.completion_tokens, usage?.total_tokens], [20, 9, 29]);
  assert.equal(usage?.prompt_tokens_details?.cached_tokens, 6);
}

const CONVERSATION: Message[] = [
  { role: 'system', content: CHAT.system },
  { role: 'user', content: CHAT.prompt },
];

async function chat(setting: Setting): Promise<void> {
  // A model that takes one text takes no instructions beside it.
  const messages = setting.family.takesInstructions ? CONVERSATION : CONVERSATION.slice(1);
  const answer = await create(setting, messages, { temperature: 1, max_tokens: 500 });
  assert.equal(answer.choices[0]?.message.content, answerOf(setting));
  assert.equal(answer.choices[0]?.finish_reason, 'stop');
  checkUsage(setting, answer.usage);
}

async function stream(setting: Setting): Promise<void> {
  const streamed = clientOf(setting).chat.completions.stream({
    model: setting.model,
    messages: CONVERSATION,
    stream_options: { include_usage: true },
  });
  const answer = await streamed.finalChatCompletion();
  assert.equal(answer.choices[0]?.message.content, answerOf(setting));
  assert.equal(answer.choices[0]?.finish_reason, 'stop');
  checkUsage(setting, answer.usage);
}

function results(message: OpenAI.ChatCompletionMessage): Message[] {
  return (message.tool_calls ?? []).map((call) => {
    assert.ok(call.type === 'function');
    assert.equal(call.function.name, WEATHER.name);
    return { role: 'tool', tool_call_id: call.id, content: weatherIn(JSON.parse(call.function.arguments).city) };
  });
}

async function twoTurns(
  setting: Setting,
  prompt: string,
  first: (messages: Message[]) => Promise<OpenAI.ChatCompletion>,
): Promise<string | null | undefined> {
  const messages: Message[] = [{ role: 'user', content: prompt }];
  const [choice] = (await first(messages)).choices;
  assert.ok(choice);
  assert.equal(choice.finish_reason, 'tool_calls');
  messages.push(choice.message, ...results(choice.message));
  const answer = await create(setting, messages, { tools: TOOLS });
  return answer.choices[0]?.message.content;
}

const withTools = (setting: Setting) => (messages: Message[]) =>
  create(setting, messages, { tools: TOOLS, tool_choice: 'auto' });

async function tools(setting: Setting): Promise<void> {
  assert.equal(await twoTurns(setting, TOOL_PROMPT, withTools(setting)), RESULT);
}

async function toolStream(setting: Setting): Promise<void> {
  const { completions } = clientOf(setting).chat;
  const answer = await twoTurns(setting, BOTH_PROMPT, (messages) =>
    completions.stream({ model: setting.model, messages, tools: TOOLS }).finalChatCompletion(),
  );
  assert.equal(answer, RESULTS);
}

async function parallelTools(setting: Setting): Promise<void> {
  assert.equal(await twoTurns(setting, BOTH_PROMPT, withTools(setting)), RESULTS);
}

async function jsonSchema(setting: Setting): Promise<void> {
  const answer = await clientOf(setting).chat.completions.parse({
    model: setting.model,
    messages: [{ role: 'user', content: TOOL_PROMPT }],
    response_format: { type: 'json_schema', json_schema: { name: 'report', schema: REPORT, strict: true } },
  });
  assert.deepEqual(JSON.parse(answer.choices[0]?.message.content ?? ''), REPORT_ANSWER);
}

async function image(setting: Setting): Promise<void> {
  const content: OpenAI.ChatCompletionContentPart[] = [
    { type: 'text', text: 'What do you see?' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
  ];
  const answer = await create(setting, [{ role: 'user', content }]);
  assert.equal(answer.choices[0]?.message.content, SEEN);
}

/** The fields are not OpenAI's own, but the client keeps what an answer has. */
async function reasoning(setting: Setting): Promise<void> {
  const settings = { tools: TOOLS, reasoning_effort: 'high', max_completion_tokens: 30_000 } as const;
  const messages: Message[] = [{ role: 'user', content: TOOL_PROMPT }];
  const message = (await create(setting, messages, settings)).choices[0]?.message;
  assert.ok(message);
  assert.equal(Reflect.get(message, 'reasoning_content'), THOUGHT);
  messages.push(message, ...results(message));
  const answer = (await create(setting, messages, settings)).choices[0]?.message.content;
  assert.equal(answer, RESULT_KEPT);
}

async function embeddings(setting: Setting): Promise<void> {
  const client = clientOf(setting);
  const one = await client.embeddings.create({ model: setting.embeddings, input: EMBEDDED.one });
  assert.deepEqual(one.data[0]?.embedding, VECTOR);
  const two = await client.embeddings.create({ model: setting.embeddings, input: EMBEDDED.two });
  const vectors = two.data.map(({ embedding }) => embedding);
  assert.deepEqual(vectors, VECTORS);
}

async function models(setting: Setting): Promise<void> {
  const listed = await collect(await clientOf(setting).models.list());
  assert.ok(listed.some(({ id }) => id === setting.model));
  assert.equal((await clientOf(setting).models.retrieve(setting.model)).id, setting.model);
}

export function errorClass(status: number): new (...words: never[]) => InstanceType<typeof OpenAI.APIError> {
  switch (status) {
    case 400:
      return OpenAI.BadRequestError;
    case 401:
      return OpenAI.AuthenticationError;
    case 403:
      return OpenAI.PermissionDeniedError;
    case 404:
      return OpenAI.NotFoundError;
    case 429:
      return OpenAI.RateLimitError;
    default:
      return OpenAI.InternalServerError;
  }
}

export function checkError(error: unknown, status: number): void {
  assert.ok(error instanceof errorClass(status), `${status} raised ${String(error)}`);
  assert.equal(error.status, status);
  assert.match(error.message, status === 404 ? /no-such-endpoint/ : /was told to fail/);
  if (status === 429) assert.equal(error.headers?.get('retry-after'), '7');
}

async function errors(setting: Setting): Promise<void> {
  await failures(setting, ask, checkError);
}

async function brokenStream(setting: Setting): Promise<void> {
  const messages: Message[] = [{ role: 'user', content: 'Please break off.' }];
  const streamed = clientOf(setting).chat.completions.stream({ model: setting.model, messages });
  assert.ok((await errorOf(streamed.finalChatCompletion())) instanceof OpenAI.APIError);
}

async function cancellation(setting: Setting): Promise<void> {
  const { completions } = clientOf(setting).chat;
  const request = (content: string) => ({ model: setting.model, messages: [{ role: 'user' as const, content }] });
  const error = await leaving(
    setting,
    (prompt, signal) => completions.create(request(prompt), { signal }),
    async (prompt) => {
      const streamed = await completions.create({ ...request(prompt), stream: true });
      for await (const chunk of streamed) if (chunk.choices[0]?.delta.content) break;
    },
  );
  assert.ok(error instanceof OpenAI.APIUserAbortError);
}

export const openaiChat = npmClient(
  'openai, chat',
  'openai',
  {
    chat,
    stream,
    tools,
    'tool stream': toolStream,
    'parallel tools': parallelTools,
    'JSON schema': jsonSchema,
    image,
    reasoning,
    embeddings,
    models,
    errors,
    'broken stream': brokenStream,
    cancellation,
  },
  withoutThoughts,
);
