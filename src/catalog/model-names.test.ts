import { expect, test } from 'bun:test';
import { modelNames } from './model-names.ts';

test.each([
  ['gpt-4o-2024-08-06', 'gpt-4o'],
  ['gpt-4-0613', 'gpt-4'],
  ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
  ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
  ['claude-opus-4-6@default', 'claude-opus-4-6'],
  ['models/gemini-2.5-pro', 'gemini-2.5-pro'],
  ['gemini-2.0-flash-001', 'gemini-2.0-flash'],
  ['gemini-2.5-flash-preview-05-20', 'gemini-2.5-flash'],
  ['publishers/google/models/gemini-2.5-flash', 'gemini-2.5-flash'],
  ['projects/p/locations/global/publishers/anthropic/models/claude-opus-4-6', 'claude-opus-4-6'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic.claude-sonnet-4-5'],
  ['us-gov.anthropic.claude-3-haiku-20240307-v1:0', 'anthropic.claude-3-haiku'],
  ['amazon.nova-pro-v1:0:300k', 'amazon.nova-pro'],
  ['arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0', 'us.amazon.nova-pro-v1:0'],
  ['mistral-small', 'mistral-small-latest'],
  ['GPT-4o', 'gpt-4o'],
])('%s may be listed as %s', (name, listed) => {
  expect(modelNames(name)[0]).toBe(name);
  expect(modelNames(name)).toContain(listed);
});

test('a tuned model is never taken for the one that it was made of', () => {
  expect(modelNames('ft:gpt-4o-2024-08-06:acme::abc')).toEqual([
    'ft:gpt-4o-2024-08-06:acme::abc',
    'ft:gpt-4o-2024-08-06',
    'ft:gpt-4o',
  ]);
});

test('the profile of a region goes before the model', () => {
  const names = modelNames('eu.amazon.nova-pro-v1:0');
  expect(names.indexOf('eu.amazon.nova-pro-v1:0')).toBeLessThan(names.indexOf('amazon.nova-pro-v1:0'));
});
