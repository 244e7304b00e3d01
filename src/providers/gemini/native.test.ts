import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import { Secret } from '../../core/secret.ts';
import type { JsonObject } from '../../core/types.ts';
import { countVertexTokens } from './count.ts';
import { providers } from './index.ts';
import { nativeEdits, vertexEdits } from './native.ts';
import { generateChat } from './wire.ts';

const CONTENTS = [{ parts: [{ text: 'a' }] }];

function edits(edit: ReturnType<typeof nativeEdits>, body: JsonObject, action?: 'count-tokens') {
  const changes = new Changes();
  const request = { operation: 'chat', surface: 'standard', changes, ...(action && { action }) } as const;
  return [Object.fromEntries(edit(body, request) ?? []), changes.toString()];
}

describe('a client of the Gemini API', () => {
  test('is served by the same method at the provider', () => {
    const [provider] = providers;
    const config = { gemini_api_key: new Secret('k') };
    const natives = provider?.deploy({ name: 'gemini-2.5-pro', config }).natives?.gemini;
    const base = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro';
    expect(natives?.chat?.destination.url).toBe(`${base}:generateContent`);
    expect(natives?.chat?.streamDestination?.url).toBe(`${base}:streamGenerateContent?alt=sse`);
    expect(natives?.chat?.countDestination?.url).toBe(`${base}:countTokens`);
    expect(natives?.embeddings?.destination.url).toBe(`${base}:embedContent`);
    expect(natives?.embeddings?.batchDestination?.url).toBe(`${base}:batchEmbedContents`);
    expect(natives?.chat?.credentialHeaders).toEqual(['x-goog-api-key', 'authorization']);
  });

  test('is not changed unless it names a model', () => {
    const edit = nativeEdits('models/m');
    expect(edits(edit, { contents: CONTENTS })).toEqual([{}, '']);
    expect(edits(edit, { model: 'models/endpoint', content: {} })).toEqual([{ model: undefined }, '']);
    expect(edits(edit, { requests: [{ model: 'models/endpoint', content: {} }, 'odd'] })).toEqual([
      { requests: [{ model: 'models/m', content: {} }, 'odd'] },
      '',
    ]);
    for (const field of ['generateContentRequest', 'generate_content_request']) {
      const whole = { [field]: { model: 'models/endpoint', contents: CONTENTS } };
      expect(edits(edit, whole)).toEqual([{ [field]: { model: 'models/m', contents: CONTENTS } }, '']);
    }
  });

  test('counts the parts of a request where Vertex AI takes no whole one', () => {
    const generateContentRequest = { model: 'models/x', contents: CONTENTS, tools: [], cachedContent: 'c' };
    expect(edits(vertexEdits, { generateContentRequest }, 'count-tokens')).toEqual([
      { generateContentRequest: undefined, contents: CONTENTS, tools: [] },
      'generateContentRequest.cachedContent;dropped',
    ]);
    expect(edits(vertexEdits, { contents: CONTENTS }, 'count-tokens')).toEqual([{}, '']);
    expect(edits(vertexEdits, { contents: CONTENTS })).toEqual([{}, '']);
  });
});

test('a count at Vertex AI asks for what has tokens, and reads their number', () => {
  const count = countVertexTokens(generateChat({ model: 'gemini-2.5-pro', isVertex: true, fileBase: null }));
  const body = count.encode(
    {
      operation: 'chat',
      surface: 'standard',
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'a' }], rest: {} }],
      tools: [],
      toolChoice: 'none',
      settings: { max_tokens: 5 },
      stream: true,
      rest: { labels: { a: 'b' } },
    },
    new Changes(),
  );
  const contents = [{ role: 'user', parts: [{ text: 'a' }] }];
  expect(body).toEqual({ contents, generationConfig: { maxOutputTokens: 5 } });
  expect(count.decode({ totalTokens: 3, totalBillableCharacters: 1 })).toBe(3);
  expect(() => count.decode({})).toThrow("'totalTokens'");
});
