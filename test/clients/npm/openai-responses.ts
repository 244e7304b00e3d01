import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { answerOf, collect, errorOf, failures, leaving, npmClient, type Setting } from '../client.ts';
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
import { checkError } from './openai-chat.ts';

type Input = OpenAI.Responses.ResponseInputItem;
type Create = OpenAI.Responses.ResponseCreateParamsNonStreaming;

const TOOLS: OpenAI.Responses.Tool[] = [{ type: 'function', strict: true, ...WEATHER }];

const clientOf = ({ url }: Setting): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });

/** Upstreams that keep no state are the rule here, so the client keeps it. */
function create(setting: Setting, input: string | Input[], more: Partial<Create> = {}) {
  return clientOf(setting).responses.create({ model: setting.model, input, store: false, ...more });
}

function checkAnswer(setting: Setting, answer: OpenAI.Responses.Response): void {
  assert.equal(answer.output_text, answerOf(setting));
  assert.equal(answer.status, 'completed');
  if (!setting.family.hasUsage) return;
  const { usage } = answer;
  assert.deepEqual([usage?.input_tokens, usage?.output_tokens, usage?.total_tokens], [20, 9, 29]);
  assert.equal(usage?.input_tokens_details.cached_tokens, 6);
}

async function chat(setting: Setting): Promise<void> {
  const instructions = setting.family.takesInstructions ? { instructions: CHAT.system } : {};
  const answer = await create(setting, CHAT.prompt, { ...instructions, temperature: 0.5, max_output_tokens: 500 });
  checkAnswer(setting, answer);
}

async function stream(setting: Setting): Promise<void> {
  const streamed = clientOf(setting).responses.stream({
    model: setting.model,
    input: [{ role: 'user', content: CHAT.prompt }],
    instructions: CHAT.system,
    store: false,
  });
  const deltas: string[] = [];
  streamed.on('response.output_text.delta', ({ delta }) => deltas.push(delta));
  const answer = await streamed.finalResponse();
  checkAnswer(setting, answer);
  assert.equal(deltas.join(''), answerOf(setting));
}

function results({ output }: OpenAI.Responses.Response): Input[] {
  const calls = output.filter((item) => item.type === 'function_call');
  return calls.map(({ call_id, name, arguments: text }) => {
    assert.equal(name, WEATHER.name);
    return { type: 'function_call_output', call_id, output: weatherIn(JSON.parse(text).city) };
  });
}

async function twoTurns(
  setting: Setting,
  prompt: string,
  first: (input: Input[]) => Promise<OpenAI.Responses.Response>,
  more: Partial<Create> = {},
): Promise<string> {
  const input: Input[] = [{ role: 'user', content: prompt }];
  const answer = await first(input);
  // Whole, as the API's guide has it.
  input.push(...(answer.output as Input[]), ...results(answer));
  return (await create(setting, input, { tools: TOOLS, ...more })).output_text;
}

async function tools(setting: Setting): Promise<void> {
  const answer = await twoTurns(setting, TOOL_PROMPT, (input) => create(setting, input, { tools: TOOLS }));
  assert.equal(answer, RESULT);
}

async function toolStream(setting: Setting): Promise<void> {
  const { responses } = clientOf(setting);
  const answer = await twoTurns(setting, BOTH_PROMPT, (input) =>
    responses.stream({ model: setting.model, input, tools: TOOLS, store: false }).finalResponse(),
  );
  assert.equal(answer, RESULTS);
}

async function parallelTools(setting: Setting): Promise<void> {
  const answer = await twoTurns(setting, BOTH_PROMPT, (input) =>
    create(setting, input, { tools: TOOLS, parallel_tool_calls: true }),
  );
  assert.equal(answer, RESULTS);
}

async function jsonSchema(setting: Setting): Promise<void> {
  const answer = await clientOf(setting).responses.parse({
    model: setting.model,
    input: TOOL_PROMPT,
    store: false,
    text: { format: { type: 'json_schema', name: 'report', schema: REPORT, strict: true } },
  });
  assert.deepEqual(JSON.parse(answer.output_text), REPORT_ANSWER);
}

async function image(setting: Setting): Promise<void> {
  const content: OpenAI.Responses.ResponseInputContent[] = [
    { type: 'input_text', text: 'What do you see?' },
    { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'auto' },
  ];
  assert.equal((await create(setting, [{ role: 'user', content }])).output_text, SEEN);
}

async function reasoning(setting: Setting): Promise<void> {
  const more: Partial<Create> = {
    tools: TOOLS,
    reasoning: { effort: 'high', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
    max_output_tokens: 30_000,
  };
  const thinking = async (input: Input[]): Promise<OpenAI.Responses.Response> => {
    const answer = await create(setting, input, more);
    const thoughts = answer.output.flatMap((item) => (item.type === 'reasoning' ? item.summary : []));
    assert.equal(thoughts.map(({ text }) => text).join(''), THOUGHT);
    return answer;
  };
  assert.equal(await twoTurns(setting, TOOL_PROMPT, thinking, more), RESULT_KEPT);
}

async function tokenCount(setting: Setting): Promise<void> {
  const { input_tokens } = await clientOf(setting).responses.inputTokens.count({
    model: setting.model,
    input: CHAT.prompt,
    tools: TOOLS,
  });
  checkCount(setting, input_tokens);
}

export function checkCount({ family }: Setting, tokens: number | undefined): void {
  if (family.countsTokens === 'exactly') assert.equal(tokens, 20);
  else assert.ok(tokens !== undefined && tokens > 5 && tokens < 200, `${tokens} tokens are no fair estimate`);
}

async function errors(setting: Setting): Promise<void> {
  await failures(setting, create, checkError);
}

async function brokenStream(setting: Setting): Promise<void> {
  const streamed = clientOf(setting).responses.stream({
    model: setting.model,
    input: 'Please break off.',
    store: false,
  });
  assert.ok((await errorOf(streamed.finalResponse())) instanceof OpenAI.OpenAIError);
  const events = await clientOf(setting).responses.create({
    model: setting.model,
    input: 'Please break off.',
    store: false,
    stream: true,
  });
  assert.ok((await errorOf(collect(events))) instanceof OpenAI.APIError);
}

async function cancellation(setting: Setting): Promise<void> {
  const { responses } = clientOf(setting);
  const { model } = setting;
  const error = await leaving(
    setting,
    (input, signal) => responses.create({ model, input }, { signal }),
    async (input) => {
      const streamed = await responses.create({ model, input, stream: true });
      for await (const event of streamed) if (event.type === 'response.output_text.delta') break;
    },
  );
  assert.ok(error instanceof OpenAI.APIUserAbortError);
}

export const openaiResponses = npmClient('openai, responses', 'openai', {
  chat,
  stream,
  tools,
  'tool stream': toolStream,
  'parallel tools': parallelTools,
  'JSON schema': jsonSchema,
  image,
  reasoning,
  'token count': tokenCount,
  errors,
  'broken stream': brokenStream,
  cancellation,
});
