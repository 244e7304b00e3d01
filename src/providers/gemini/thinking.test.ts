import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { ReasoningSettings } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { generation, thinkingEncoder } from './thinking.ts';

const shown = (config: JsonObject) => ({ ...config, includeThoughts: true });
const hidden = (config: JsonObject) => ({ ...config, includeThoughts: false });

const CASES: ReadonlyArray<readonly [model: string, ReasoningSettings, config: JsonObject | null, changed: string]> = [
  ['gemini-2.5-flash', { effort: 'low' }, shown({ thinkingBudget: 1024 }), ''],
  ['gemini-2.5-flash', { effort: 'high' }, shown({ thinkingBudget: 24576 }), ''],
  ['gemini-2.5-flash', { effort: 'none' }, hidden({ thinkingBudget: 0 }), ''],
  ['gemini-2.5-flash', { effort: 'xhigh' }, shown({ thinkingBudget: 24576 }), 'reasoning_effort;approximated'],
  ['gemini-2.5-pro', { effort: 'none' }, hidden({ thinkingBudget: 128 }), 'reasoning_effort;approximated'],
  ['gemini-2.5-pro', { mode: 'enabled', budgetTokens: 4000 }, shown({ thinkingBudget: 4000 }), ''],
  ['gemini-2.5-flash', { mode: 'disabled' }, hidden({ thinkingBudget: 0 }), ''],
  ['gemini-2.5-flash', { mode: 'adaptive' }, shown({}), ''],
  ['gemini-flash-latest', { effort: 'medium' }, shown({ thinkingBudget: 8192 }), ''],
  ['gemini-3-pro-preview', { effort: 'low' }, shown({ thinkingLevel: 'low' }), ''],
  ['gemini-3-pro-preview', { effort: 'medium' }, shown({ thinkingLevel: 'high' }), 'reasoning_effort;approximated'],
  ['gemini-3.1-pro-preview', { effort: 'medium' }, shown({ thinkingLevel: 'medium' }), ''],
  ['gemini-3.1-pro-preview', { effort: 'none' }, hidden({ thinkingLevel: 'low' }), 'reasoning_effort;approximated'],
  ['gemini-3-flash-preview', { effort: 'minimal' }, shown({ thinkingLevel: 'minimal' }), ''],
  ['gemini-3-flash-preview', { budgetTokens: 100 }, shown({ thinkingBudget: 100 }), ''],
  ['gemini-3-flash-preview', {}, null, ''],
];

describe('thinking', () => {
  test.each(CASES)('of %s with %j', (model, reasoning, config, changed) => {
    const changes = new Changes();
    expect(thinkingEncoder(model)(reasoning, changes)).toEqual(config);
    expect(changes.toString()).toBe(changed);
  });

  test('goes by the generation in the name, also of a path', () => {
    expect(['gemini-2.0-flash', 'models/gemini-3-flash', 'tunedModels/mine', 'gemma-3'].map(generation)).toEqual([
      2, 3, 2, 2,
    ]);
  });
});
