import assert from 'node:assert/strict';
import {
  ApiError,
  type Content,
  type GenerateContentConfig,
  type GenerateContentResponse,
  GoogleGenAI,
} from '@google/genai';
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
import { checkCount } from './openai-responses.ts';

const { name, description, parameters } = WEATHER;
const TOOLS = [{ functionDeclarations: [{ name, description, parametersJsonSchema: parameters }] }];

const clientOf = ({ url }: Setting): GoogleGenAI =>
  new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: `${url}/gemini` } });

function generate(
  setting: Setting,
  contents: string | Content[],
  config: GenerateContentConfig = {},
): Promise<GenerateContentResponse> {
  return clientOf(setting).models.generateContent({ model: setting.model, contents, config });
}

function checkUsage({ family }: Setting, answer: GenerateContentResponse | undefined): void {
  if (!family.hasUsage) return;
  const { promptTokenCount, candidatesTokenCount = 0, thoughtsTokenCount = 0, ...usage } = answer?.usageMetadata ?? {};
  assert.deepEqual([promptTokenCount, candidatesTokenCount + thoughtsTokenCount, usage.totalTokenCount], [20, 9, 29]);
  assert.equal(usage.cachedContentTokenCount, 6);
}

async function chat(setting: Setting): Promise<void> {
  const instructions = setting.family.takesInstructions ? { systemInstruction: CHAT.system } : {};
  const answer = await generate(setting, CHAT.prompt, { ...instructions, temperature: 0.5, maxOutputTokens: 500 });
  assert.equal(answer.text, answerOf(setting));
  assert.equal(answer.candidates?.[0]?.finishReason, 'STOP');
  checkUsage(setting, answer);
}

async function stream(setting: Setting): Promise<void> {
  const streamed = await clientOf(setting).models.generateContentStream({
    model: setting.model,
    contents: CHAT.prompt,
    config: { systemInstruction: CHAT.system },
  });
  const chunks = await collect(streamed);
  assert.equal(chunks.map(({ text }) => text ?? '').join(''), answerOf(setting));
  assert.equal(chunks.at(-1)?.candidates?.[0]?.finishReason, 'STOP');
  checkUsage(setting, chunks.at(-1));
}

function results(calls: GenerateContentResponse['functionCalls']): Content {
  const parts = (calls ?? []).map((call) => {
    assert.equal(call.name, WEATHER.name);
    const response = { output: weatherIn(String(call.args?.city)) };
    return { functionResponse: { name: WEATHER.name, response, ...(call.id && { id: call.id }) } };
  });
  return { role: 'user', parts };
}

async function twoTurns(
  setting: Setting,
  prompt: string,
  first: (contents: Content[]) => Promise<GenerateContentResponse[]>,
  config: GenerateContentConfig = { tools: TOOLS },
): Promise<string | undefined> {
  const contents: Content[] = [{ role: 'user', parts: [{ text: prompt }] }];
  const chunks = await first(contents);
  const parts = chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
  const calls = chunks.flatMap(({ functionCalls }) => functionCalls ?? []);
  contents.push({ role: 'model', parts }, results(calls));
  return (await generate(setting, contents, config)).text;
}

async function tools(setting: Setting): Promise<void> {
  const answer = await twoTurns(setting, TOOL_PROMPT, async (contents) => [
    await generate(setting, contents, { tools: TOOLS }),
  ]);
  assert.equal(answer, RESULT);
}

async function toolStream(setting: Setting): Promise<void> {
  const { models } = clientOf(setting);
  const answer = await twoTurns(setting, BOTH_PROMPT, async (contents) =>
    collect(await models.generateContentStream({ model: setting.model, contents, config: { tools: TOOLS } })),
  );
  assert.equal(answer, RESULTS);
}

/** With a schema in OpenAPI's words, as Gemini's own has them. */
async function parallelTools(setting: Setting): Promise<void> {
  const declaration = { name, description, parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } } } };
  const openapi = [{ functionDeclarations: [declaration] }] as unknown as typeof TOOLS;
  const answer = await twoTurns(
    setting,
    BOTH_PROMPT,
    async (contents) => [await generate(setting, contents, { tools: openapi })],
    { tools: openapi },
  );
  assert.equal(answer, RESULTS);
}

async function jsonSchema(setting: Setting): Promise<void> {
  const answer = await generate(setting, TOOL_PROMPT, {
    responseMimeType: 'application/json',
    responseJsonSchema: REPORT,
  });
  assert.deepEqual(JSON.parse(answer.text ?? ''), REPORT_ANSWER);
}

async function image(setting: Setting): Promise<void> {
  const parts = [{ text: 'What do you see?' }, { inlineData: { mimeType: 'image/png', data: PNG } }];
  assert.equal((await generate(setting, [{ role: 'user', parts }])).text, SEEN);
}

async function reasoning(setting: Setting): Promise<void> {
  const config: GenerateContentConfig = {
    tools: TOOLS,
    maxOutputTokens: 30_000,
    thinkingConfig: { includeThoughts: true, thinkingBudget: 4096 },
  };
  const thinking = async (contents: Content[]): Promise<GenerateContentResponse[]> => {
    const answer = await generate(setting, contents, config);
    const thoughts = answer.candidates?.[0]?.content?.parts?.filter(({ thought }) => thought === true);
    assert.equal(thoughts?.map(({ text }) => text).join(''), THOUGHT);
    return [answer];
  };
  assert.equal(await twoTurns(setting, TOOL_PROMPT, thinking, config), RESULT_KEPT);
}

async function embeddings(setting: Setting): Promise<void> {
  const { models } = clientOf(setting);
  const one = await models.embedContent({ model: setting.embeddings, contents: EMBEDDED.one });
  assert.deepEqual(one.embeddings?.[0]?.values, VECTOR);
  const two = await models.embedContent({ model: setting.embeddings, contents: EMBEDDED.two });
  assert.deepEqual(
    two.embeddings?.map(({ values }) => values),
    VECTORS,
  );
}

async function tokenCount(setting: Setting): Promise<void> {
  const { totalTokens } = await clientOf(setting).models.countTokens({ model: setting.model, contents: CHAT.prompt });
  checkCount(setting, totalTokens);
}

async function models(setting: Setting): Promise<void> {
  const listed = await collect(await clientOf(setting).models.list());
  assert.ok(listed.some((model) => model.name === `models/${setting.model}`));
  assert.equal((await clientOf(setting).models.get({ model: setting.model })).name, `models/${setting.model}`);
}

/** Google's names for statuses. https://cloud.google.com/apis/design/errors */
const NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  529: 'UNAVAILABLE',
};

/** The client has one class, with the status and the answer's text. */
function checkError(error: unknown, status: number): void {
  assert.ok(error instanceof ApiError, `${status} raised ${String(error)}`);
  assert.equal(error.status, status);
  const told = JSON.parse(error.message).error;
  assert.match(told.message, status === 404 ? /no-such-endpoint/ : /was told to fail/);
  assert.deepEqual([told.code, told.status], [status, NAMES[status]]);
}

async function errors(setting: Setting): Promise<void> {
  await failures(setting, generate, checkError);
}

async function brokenStream(setting: Setting): Promise<void> {
  const { models } = clientOf(setting);
  const streamed = await models.generateContentStream({ model: setting.model, contents: 'Please break off.' });
  assert.ok((await errorOf(collect(streamed))) instanceof ApiError);
}

async function cancellation(setting: Setting): Promise<void> {
  await leaving(
    setting,
    (prompt, abortSignal) => generate(setting, prompt, { abortSignal }),
    async (contents) => {
      const controller = new AbortController();
      const streamed = await clientOf(setting).models.generateContentStream({
        model: setting.model,
        contents,
        config: { abortSignal: controller.signal },
      });
      for await (const { text } of streamed) if (text) break;
      controller.abort();
    },
  );
}

export const googleGenai = npmClient(
  '@google/genai',
  '@google/genai',
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
    'token count': tokenCount,
    models,
    errors,
    'broken stream': brokenStream,
    cancellation,
  },
  withoutThoughts,
);
