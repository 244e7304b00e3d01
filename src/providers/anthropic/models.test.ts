import { expect, test } from 'bun:test';
import { type ClaudeModel, claudeModel } from './models.ts';

type Traits = readonly [
  name: string,
  sampling: ClaudeModel['sampling'],
  thinking: ClaudeModel['thinking'],
  takesSchema: boolean,
];

/** As Anthropic, Amazon Bedrock and Vertex AI name them. */
const MODELS: readonly Traits[] = [
  ['claude-3-haiku-20240307', 'both', 'none', false],
  ['claude-3-5', 'both', 'none', false],
  ['claude-3-5-sonnet-20241022', 'both', 'none', false],
  ['claude-3-7-sonnet-latest', 'both', 'budget', false],
  ['claude-sonnet-4-20250514', 'both', 'budget', false],
  ['claude-opus-4@20250514', 'both', 'budget', false],
  ['claude-opus-4-1-20250805', 'one', 'budget', false],
  ['claude-sonnet-4-5', 'one', 'budget', true],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'one', 'budget', true],
  ['claude-haiku-4-5@20251001', 'one', 'budget', true],
  ['claude-opus-4-6', 'one', 'either', true],
  ['claude-sonnet-4-6', 'one', 'either', true],
  ['claude-opus-4-7', 'none', 'adaptive', true],
  ['anthropic.claude-opus-4-8', 'none', 'adaptive', true],
  ['claude-sonnet-5', 'none', 'adaptive', true],
  ['claude-haiku-5-5', 'none', 'adaptive', true],
  ['claude-opus-5', 'none', 'adaptive', true],
  ['claude-fable-5', 'none', 'always', true],
  ['claude-mythos-preview', 'none', 'always', true],
  ['our-own-name', 'both', 'either', true],
];

test.each(MODELS)('%s', (name, sampling, thinking, takesSchema) => {
  expect(claudeModel(name)).toMatchObject({ sampling, thinking, takesSchema, completesText: false });
});

test.each(['claude-2', 'claude-2.1', 'claude-instant-1.2', 'anthropic.claude-v2:1'])('%s completes text', (name) => {
  expect(claudeModel(name).completesText).toBe(true);
});

test('only the newest models know every effort', () => {
  expect(claudeModel('claude-opus-4-8').efforts).toContain('xhigh');
  expect(claudeModel('claude-opus-4-6').efforts).toEqual(['low', 'medium', 'high', 'max']);
  expect(claudeModel('claude-mythos-preview').efforts).not.toContain('xhigh');
  expect(claudeModel('claude-sonnet-4-5').efforts).toEqual([]);
});
