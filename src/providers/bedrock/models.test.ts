import { expect, test } from 'bun:test';
import { claudeVersion, modelUrl, readModel, textFormatOf } from './models.ts';

const BASE = 'https://bedrock-runtime.us-east-1.amazonaws.com';

test('the id of a model is one segment of the URL', () => {
  expect(modelUrl(BASE, 'amazon.nova-pro-v1:0', 'converse')).toBe(`${BASE}/model/amazon.nova-pro-v1%3A0/converse`);
  expect(modelUrl(BASE, 'arn:aws:bedrock:us-east-1:1:inference-profile/us.x', 'invoke')).toBe(
    `${BASE}/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x/invoke`,
  );
  expect(modelUrl(BASE, "it's(a)*", 'invoke')).toBe(`${BASE}/model/it%27s%28a%29%2A/invoke`);
});

for (const [id, vendor, thinking] of [
  ['anthropic.claude-3-5-sonnet-20240620-v1:0', 'anthropic', 'none'],
  ['us.anthropic.claude-3-7-sonnet-20250219-v1:0', 'anthropic', 'budget'],
  ['apac.anthropic.claude-sonnet-4-20250514-v1:0', 'anthropic', 'budget'],
  ['global.anthropic.claude-opus-4-6-v1', 'anthropic', 'adaptive'],
  ['anthropic.claude-opus-5', 'anthropic', 'adaptive'],
  ['arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-70b-instruct-v1:0', 'meta', 'none'],
  ['arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-2-lite-v1:0', 'amazon', 'nova'],
  ['arn:aws:bedrock:us-east-1:1:application-inference-profile/abcdefghijkl', null, 'unknown'],
  ['openai.gpt-oss-120b-1:0', 'openai', 'effort'],
  ['constructor.model', null, 'unknown'],
] as const) {
  test(`${id} is read`, () => {
    const model = readModel(id);
    expect(model.vendor).toBe(vendor);
    expect(model.thinking).toBe(thinking);
  });
}

for (const [name, version] of [
  ['claude-v2:1', 0],
  ['claude-instant-v1', 0],
  ['claude-3-haiku-20240307-v1:0', 3],
  ['claude-3-5-haiku-20241022-v1:0', 3.5],
  ['claude-opus-4-1-20250805-v1:0', 4.1],
  ['claude-sonnet-4-5-20250929-v1:0', 4.5],
  ['claude-mythos-preview', Number.POSITIVE_INFINITY],
] as const) {
  test(`the version of ${name} is ${version}`, () => expect(claudeVersion(name)).toBeCloseTo(version));
}

test('schemas are enforced by models that can', () => {
  const enforcing = (id: string) => readModel(id).enforcesSchemas;
  expect(enforcing('us.anthropic.claude-haiku-4-5-20251001-v1:0')).toBe(true);
  expect(enforcing('anthropic.claude-opus-4-1-20250805-v1:0')).toBe(false);
  expect(enforcing('amazon.nova-pro-v1:0')).toBe(false);
  expect(enforcing('mistral.mistral-large-3-675b-instruct')).toBe(true);
  expect(enforcing('mistral.mistral-large-2402-v1:0')).toBe(false);
  expect(enforcing('deepseek.r1-v1:0')).toBe(false);
  expect(enforcing('qwen.qwen3-32b-v1:0')).toBe(true);
});

test('only models from before chat complete texts in a format of their own', () => {
  const formats = Object.fromEntries(
    [
      'amazon.titan-tg1-large',
      'amazon.nova-lite-v1:0',
      'ai21.j2-mid-v1',
      'ai21.jamba-1-5-mini-v1:0',
      'anthropic.claude-v2',
      'anthropic.claude-3-haiku-20240307-v1:0',
      'cohere.command-light-text-v14',
      'cohere.command-r-v1:0',
      'meta.llama3-8b-instruct-v1:0',
    ].map((id) => [id, textFormatOf(readModel(id))]),
  );
  expect(formats).toEqual({
    'amazon.titan-tg1-large': 'titan',
    'amazon.nova-lite-v1:0': null,
    'ai21.j2-mid-v1': 'ai21',
    'ai21.jamba-1-5-mini-v1:0': null,
    'anthropic.claude-v2': 'claude',
    'anthropic.claude-3-haiku-20240307-v1:0': null,
    'cohere.command-light-text-v14': 'cohere',
    'cohere.command-r-v1:0': null,
    'meta.llama3-8b-instruct-v1:0': null,
  });
});
