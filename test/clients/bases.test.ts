import { afterAll, beforeAll, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { type Laboratory, startLaboratory } from './gateway.ts';
import { OWN_TOKEN } from './upstream/server.ts';

/** Every base URL that the documentation names, and whose credential goes upstream there. */
let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await startLaboratory();
});

afterAll(() => laboratory?.stop());

const arrived = () => laboratory.mock.watch.requests.at(-1)?.headers;

for (const base of ['/v1', '/gateway/openai/v1', '/gateway/mlflow/v1']) {
  test(`OpenAI's client at ${base}`, async () => {
    const client = new OpenAI({ baseURL: laboratory.url + base, apiKey: 'any', maxRetries: 0 });
    const answer = await client.chat.completions.create({
      model: 'openai',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(answer.choices[0]?.message.content).toBe('You said: Hello');
    expect(arrived()?.get('authorization')).toBe('Bearer canary-key');
  });
}

for (const base of ['', '/anthropic', '/gateway/anthropic']) {
  test(`Anthropic's client at ${base || '/'}`, async () => {
    const client = new Anthropic({ baseURL: laboratory.url + base, apiKey: 'any', maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const answer = await client.messages.create({ model: 'anthropic', max_tokens: 99, messages });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'You said: Hello' }]);
    expect(arrived()?.get('x-api-key')).toBe('canary-key');
  });
}

for (const base of ['', '/gemini', '/gateway/gemini']) {
  test(`Google's client at ${base || '/'}`, async () => {
    const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: laboratory.url + base } });
    const answer = await client.models.generateContent({ model: 'gemini', contents: 'Hello' });
    expect(answer.text).toBe('You said: Hello');
    expect(arrived()?.get('x-goog-api-key')).toBe('canary-key');
  });
}

test("a coding agent's own login goes upstream where the client's headers pass, in place of the configured key", async () => {
  const agent = (base: string): Anthropic =>
    new Anthropic({
      baseURL: laboratory.url + base,
      apiKey: null,
      authToken: OWN_TOKEN,
      maxRetries: 0,
      defaultHeaders: { 'user-agent': 'claude-cli/2.1.90 (external, cli)' },
    });
  const ask = (base: string) =>
    agent(base).messages.create({ model: 'anthropic', max_tokens: 99, messages: [{ role: 'user', content: 'Hello' }] });
  await ask('/gateway/anthropic');
  expect([arrived()?.get('authorization'), arrived()?.get('x-api-key')]).toEqual([`Bearer ${OWN_TOKEN}`, null]);
  await ask('/anthropic');
  expect([arrived()?.get('authorization'), arrived()?.get('x-api-key')]).toEqual([null, 'canary-key']);
});
