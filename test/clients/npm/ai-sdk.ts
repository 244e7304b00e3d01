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
import { answerOf, failures, leaving, npmClient, type Scenarios, type Setting } from '../client.ts';
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

/** Gives the model of an endpoint, as a provider of the kit has it. */
export type ModelOf = (setting: Setting) => LanguageModel;

const provider = ({ url }: Setting) => createOpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });

/** Nothing is kept by the provider, so that whole messages go back. */
const OPTIONS = { providerOptions: { openai: { store: false } }, maxOutputTokens: 500, maxRetries: 0 } as const;

const TOOLS = {
  [WEATHER.name]: tool({
    description: WEATHER.description,
    inputSchema: schemaOf<{ city: string }>(structuredClone(WEATHER.parameters) as never),
    execute: async ({ city }) => weatherIn(city),
  }),
};

export function scenariosOf(modelOf: ModelOf, more: Scenarios = {}): Scenarios {
  const ask = (setting: Setting, prompt: string) => generateText({ model: modelOf(setting), prompt, ...OPTIONS });

  const loop = (setting: Setting, prompt: string) => ({
    model: modelOf(setting),
    prompt,
    tools: TOOLS,
    stopWhen: stepCountIs(3),
    ...OPTIONS,
  });

  return {
    chat: async (setting) => {
      const system = setting.family.takesInstructions ? { system: CHAT.system } : {};
      const answer = await generateText({ model: modelOf(setting), prompt: CHAT.prompt, ...system, ...OPTIONS });
      assert.equal(answer.text, answerOf(setting));
      assert.equal(answer.finishReason, 'stop');
      checkUsage(setting, answer.usage);
    },
    stream: async (setting) => {
      const streamed = streamText({
        model: modelOf(setting),
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
      assert.equal((await generateText(loop(setting, TOOL_PROMPT))).text, RESULT);
    },
    'tool stream': async (setting) => {
      const streamed = streamText({ ...loop(setting, BOTH_PROMPT), onError: () => {} });
      let text = '';
      for await (const part of streamed.fullStream) {
        if (part.type === 'error') throw part.error;
        if (part.type === 'text-delta') text += part.text;
      }
      assert.equal(text, RESULTS);
    },
    'parallel tools': async (setting) => {
      const answer = await generateText(loop(setting, BOTH_PROMPT));
      assert.equal(answer.text, RESULTS);
      assert.equal(answer.steps[0]?.toolCalls.length, 2);
    },
    'JSON schema': async (setting) => {
      const answer = await generateText({
        model: modelOf(setting),
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
        model: modelOf(setting),
        messages: [{ role: 'user', content }],
        ...OPTIONS,
      });
      assert.equal(answer.text, SEEN);
    },
    errors: (setting) => failures(setting, ask, checkError),
    'broken stream': async (setting) => {
      const streamed = streamText({
        model: modelOf(setting),
        prompt: 'Please break off.',
        onError: () => {},
        ...OPTIONS,
      });
      const types: string[] = [];
      for await (const part of streamed.fullStream) types.push(part.type);
      assert.ok(types.includes('error'), `no error among ${types.join(', ')}`);
    },
    cancellation: (setting) => cancellation(setting, modelOf(setting)),
    ...more,
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
    model: responsesModel(setting),
    prompt: TOOL_PROMPT,
    tools: TOOLS,
    stopWhen: stepCountIs(3),
    maxRetries: 0,
    maxOutputTokens: 30_000,
    providerOptions: { openai },
  });
  assert.equal(answer.steps[0]?.reasoningText, THOUGHT);
  assert.equal(answer.text, RESULT_KEPT);
}

async function embeddings(setting: Setting): Promise<void> {
  const model = provider(setting).embedding(setting.embeddings);
  assert.deepEqual((await embed({ model, value: EMBEDDED.one, maxRetries: 0 })).embedding, VECTOR);
  const { embeddings: two } = await embedMany({ model, values: EMBEDDED.two, maxRetries: 0 });
  assert.deepEqual(two, VECTORS);
}

function checkError(error: unknown, status: number): void {
  assert.ok(APICallError.isInstance(error), `${status} raised ${String(error)}`);
  assert.equal(error.statusCode, status);
  assert.match(error.message, status === 404 ? /no-such-endpoint/ : /was told to fail/);
  // What the client's own retries go by.
  assert.equal(error.isRetryable, status === 429 || status >= 500);
  if (status === 429) assert.equal(error.responseHeaders?.['retry-after'], '7');
}

async function cancellation(setting: Setting, model: LanguageModel): Promise<void> {
  await leaving(
    setting,
    (prompt, abortSignal) => generateText({ model, prompt, abortSignal, ...OPTIONS }),
    async (prompt) => {
      const controller = new AbortController();
      const streamed = streamText({ model, prompt, abortSignal: controller.signal, onError: () => {}, ...OPTIONS });
      for await (const part of streamed.fullStream) if (part.type === 'text-delta') controller.abort();
    },
  );
}

const responsesModel: ModelOf = (setting) => provider(setting).responses(setting.model);

export const aiSdkChat = npmClient(
  'ai, chat',
  'ai',
  scenariosOf((setting) => provider(setting).chat(setting.model), { embeddings }),
);

export const aiSdkResponses = npmClient('ai, responses', 'ai', scenariosOf(responsesModel, { reasoning }));
