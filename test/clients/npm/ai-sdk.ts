import assert from 'node:assert/strict';
import { createOpenAI } from '@ai-sdk/openai';
import {
  APICallError,
  embed,
  embedMany,
  generateText,
  type LanguageModel,
  Output,
  jsonSchema as schemaOf,
  stepCountIs,
  streamText,
  tool,
} from 'ai';
import { answerOf, errorOf, failures, npmClient, type Scenarios, type Setting } from '../client.ts';
import {
  BOTH_PROMPT,
  CHAT,
  PNG,
  REPORT,
  REPORT_ANSWER,
  SEEN,
  THOUGHT,
  TOOL_PROMPT,
  WEATHER,
  weatherIn,
} from '../scenario.ts';

/** The API of OpenAI's that the provider speaks. */
type Api = 'chat' | 'responses';

const provider = ({ url }: Setting) => createOpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });

const modelOf = (setting: Setting, api: Api): LanguageModel =>
  api === 'chat' ? provider(setting).chat(setting.model) : provider(setting).responses(setting.model);

/** Nothing is kept by the provider, so that whole messages go back. */
const OPTIONS = { providerOptions: { openai: { store: false } }, maxRetries: 0 } as const;

const TOOLS = {
  [WEATHER.name]: tool({
    description: WEATHER.description,
    inputSchema: schemaOf<{ city: string }>(structuredClone(WEATHER.parameters) as never),
    execute: async ({ city }) => weatherIn(city),
  }),
};

function scenariosOf(api: Api): Scenarios {
  const ask = (setting: Setting, prompt: string) => generateText({ model: modelOf(setting, api), prompt, ...OPTIONS });

  const loop = (setting: Setting, prompt: string) => ({
    model: modelOf(setting, api),
    prompt,
    tools: TOOLS,
    stopWhen: stepCountIs(3),
    ...OPTIONS,
  });

  return {
    chat: async (setting) => {
      const system = setting.family.takesInstructions ? { system: CHAT.system } : {};
      const answer = await generateText({ model: modelOf(setting, api), prompt: CHAT.prompt, ...system, ...OPTIONS });
      assert.equal(answer.text, answerOf(setting));
      assert.equal(answer.finishReason, 'stop');
      checkUsage(setting, answer.usage);
    },
    stream: async (setting) => {
      const streamed = streamText({
        model: modelOf(setting, api),
        system: CHAT.system,
        prompt: CHAT.prompt,
        onError: () => {},
        ...OPTIONS,
      });
      const parts: string[] = [];
      for await (const part of streamed.fullStream) {
        if (part.type === 'error') throw part.error;
        if (part.type === 'text-delta') parts.push(part.text);
      }
      assert.equal(parts.join(''), answerOf(setting));
      assert.equal(await streamed.finishReason, 'stop');
      checkUsage(setting, await streamed.usage);
    },
    tools: async (setting) => {
      assert.equal((await generateText(loop(setting, TOOL_PROMPT))).text, 'Results: 21 °C.');
    },
    'tool stream': async (setting) => {
      const streamed = streamText({ ...loop(setting, BOTH_PROMPT), onError: () => {} });
      let text = '';
      for await (const part of streamed.fullStream) {
        if (part.type === 'error') throw part.error;
        if (part.type === 'text-delta') text += part.text;
      }
      assert.equal(text, 'Results: 21 °C | 25 °C.');
    },
    'parallel tools': async (setting) => {
      const answer = await generateText(loop(setting, BOTH_PROMPT));
      assert.equal(answer.text, 'Results: 21 °C | 25 °C.');
      assert.equal(answer.steps[0]?.toolCalls.length, 2);
    },
    'JSON schema': async (setting) => {
      const answer = await generateText({
        model: modelOf(setting, api),
        prompt: TOOL_PROMPT,
        output: Output.object({ schema: schemaOf(structuredClone(REPORT) as never) }),
        ...OPTIONS,
      });
      assert.deepEqual(answer.output, REPORT_ANSWER);
    },
    image: async (setting) => {
      const content = [
        { type: 'text' as const, text: 'What do you see?' },
        { type: 'image' as const, image: PNG, mediaType: 'image/png' },
      ];
      const answer = await generateText({
        model: modelOf(setting, api),
        messages: [{ role: 'user', content }],
        ...OPTIONS,
      });
      assert.equal(answer.text, SEEN);
    },
    ...(api === 'responses' ? { reasoning } : { embeddings }),
    errors: async (setting) => {
      await failures(setting, (prompt) => ask(setting, prompt), checkError);
      checkError(await errorOf(ask({ ...setting, model: 'no-such-endpoint' }, 'Hello')), 404);
    },
    'broken stream': async (setting) => {
      const streamed = streamText({
        model: modelOf(setting, api),
        prompt: 'Please break off.',
        onError: () => {},
        ...OPTIONS,
      });
      const types: string[] = [];
      for await (const part of streamed.fullStream) types.push(part.type);
      assert.ok(types.includes('error'), `no error among ${types.join(', ')}`);
    },
    cancellation: (setting) => cancellation(setting, api),
  };
}

function checkUsage({ family }: Setting, usage: { inputTokens?: number; outputTokens?: number }): void {
  if (family.hasUsage) assert.deepEqual([usage.inputTokens, usage.outputTokens], [20, 9]);
}

/** The client itself sends the thoughts back. */
async function reasoning(setting: Setting): Promise<void> {
  const openai = {
    store: false,
    forceReasoning: true,
    reasoningEffort: 'high',
    reasoningSummary: 'auto',
    include: ['reasoning.encrypted_content' as const],
  };
  const answer = await generateText({
    model: modelOf(setting, 'responses'),
    prompt: TOOL_PROMPT,
    tools: TOOLS,
    stopWhen: stepCountIs(3),
    maxRetries: 0,
    maxOutputTokens: 30_000,
    providerOptions: { openai },
  });
  assert.equal(answer.steps[0]?.reasoningText, THOUGHT);
  assert.equal(answer.text, 'Results: 21 °C. Reasoning kept.');
}

async function embeddings(setting: Setting): Promise<void> {
  const model = provider(setting).embedding(setting.embeddings);
  assert.deepEqual((await embed({ model, value: 'sluice', maxRetries: 0 })).embedding, [0.25, -0.5, 6.5]);
  const { embeddings: two } = await embedMany({ model, values: ['a', 'lock'], maxRetries: 0 });
  assert.deepEqual(two, [
    [0.25, -0.5, 1.5],
    [0.25, -0.5, 4.5],
  ]);
}

function checkError(error: unknown, status: number): void {
  assert.ok(APICallError.isInstance(error), `${status} raised ${String(error)}`);
  assert.equal(error.statusCode, status);
  assert.match(error.message, status === 404 ? /no-such-endpoint/ : /was told to fail/);
  // What the client's own retries go by.
  assert.equal(error.isRetryable, status === 429 || status >= 500);
  if (status === 429) assert.equal(error.responseHeaders?.['retry-after'], '7');
}

async function cancellation(setting: Setting, api: Api): Promise<void> {
  const whole = `whole-${crypto.randomUUID()}`;
  const controller = new AbortController();
  const model = modelOf(setting, api);
  const answer = generateText({ model, prompt: `slow ${whole}`, abortSignal: controller.signal, ...OPTIONS });
  setTimeout(() => controller.abort(), 100);
  await errorOf(answer);
  await setting.gone(whole);
  if (setting.family.impossible.stream) return;
  const key = `stream-${crypto.randomUUID()}`;
  const streaming = new AbortController();
  const streamed = streamText({
    model,
    prompt: `slow ${key}`,
    abortSignal: streaming.signal,
    onError: () => {},
    ...OPTIONS,
  });
  for await (const part of streamed.fullStream) if (part.type === 'text-delta') streaming.abort();
  await setting.gone(key);
}

export const aiSdkChat = npmClient('ai, chat', 'ai', scenariosOf('chat'));

export const aiSdkResponses = npmClient('ai, responses', 'ai', scenariosOf('responses'));
