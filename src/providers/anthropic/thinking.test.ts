import { expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { claudeModel } from './models.ts';
import { thinkingOf } from './thinking.ts';

type Outcome = readonly [thinking: JsonObject | null, effort: string | null, changes: string];

interface Case {
  readonly model: string;
  readonly asked: Partial<NeutralChatRequest>;
  readonly maximum?: number;
  readonly outcome: Outcome;
}

const BUDGET = 'claude-sonnet-4-5';
const EITHER = 'claude-opus-4-6';
const ADAPTIVE = 'claude-opus-4-8';
const ALWAYS = 'claude-fable-5';

const enabled = (tokens: number) => ({ type: 'enabled', budget_tokens: tokens });
const SUMMARIZED = { type: 'adaptive', display: 'summarized' };
const OFF = { type: 'disabled' };

const CASES: readonly Case[] = [
  { model: BUDGET, asked: {}, outcome: [null, null, ''] },
  { model: BUDGET, asked: { reasoning: { effort: 'none' } }, outcome: [null, null, ''] },
  { model: BUDGET, asked: { reasoning: { mode: 'disabled' } }, outcome: [null, null, ''] },
  { model: BUDGET, asked: { reasoning: { mode: 'enabled' } }, outcome: [enabled(8192), null, 'thinking;approximated'] },
  { model: BUDGET, asked: { reasoning: { budgetTokens: 3000 } }, outcome: [enabled(3000), null, ''] },
  {
    model: BUDGET,
    asked: { reasoning: { effort: 'minimal' } },
    outcome: [enabled(1024), null, 'reasoning_effort;approximated'],
  },
  {
    model: BUDGET,
    asked: { reasoning: { effort: 'high' } },
    maximum: 5000,
    outcome: [enabled(4999), null, 'reasoning_effort;approximated'],
  },
  {
    model: BUDGET,
    asked: { reasoning: { effort: 'high' } },
    maximum: 1024,
    outcome: [null, null, 'reasoning_effort;dropped'],
  },
  {
    model: BUDGET,
    asked: { reasoning: { effort: 'high' }, toolChoice: { name: 'f' } },
    outcome: [null, null, 'reasoning_effort;dropped'],
  },
  { model: EITHER, asked: { reasoning: { mode: 'enabled', budgetTokens: 2000 } }, outcome: [enabled(2000), null, ''] },
  { model: EITHER, asked: { reasoning: { mode: 'adaptive' } }, outcome: [{ type: 'adaptive' }, null, ''] },
  { model: EITHER, asked: { reasoning: { effort: 'max' } }, outcome: [{ type: 'adaptive' }, 'max', ''] },
  { model: EITHER, asked: { reasoning: { effort: 'none' } }, outcome: [OFF, null, ''] },
  {
    model: ADAPTIVE,
    asked: { reasoning: { mode: 'enabled', budgetTokens: 2000 } },
    outcome: [SUMMARIZED, null, 'thinking;approximated'],
  },
  {
    model: ADAPTIVE,
    asked: { reasoning: { effort: 'minimal' } },
    outcome: [SUMMARIZED, 'low', 'reasoning_effort;approximated'],
  },
  { model: ADAPTIVE, asked: { reasoning: { mode: 'disabled', effort: 'low' } }, outcome: [OFF, 'low', ''] },
  { model: ALWAYS, asked: { reasoning: { effort: 'none' } }, outcome: [null, 'low', 'reasoning_effort;approximated'] },
  { model: ALWAYS, asked: { reasoning: { mode: 'disabled' } }, outcome: [null, 'low', 'thinking;approximated'] },
  {
    model: 'claude-3-opus',
    asked: { reasoning: { budgetTokens: 2000 } },
    outcome: [null, null, 'thinking;dropped'],
  },
  { model: 'our-own-name', asked: { reasoning: { effort: 'xhigh' } }, outcome: [{ type: 'adaptive' }, 'xhigh', ''] },
  {
    model: ADAPTIVE,
    asked: {
      rest: { thinking: { type: 'adaptive', display: 'omitted' } },
      reasoning: { mode: 'adaptive', effort: 'low' },
    },
    outcome: [{ type: 'adaptive', display: 'omitted' }, 'low', ''],
  },
];

test.each(CASES.map((one) => ({ ...one, name: JSON.stringify(one.asked) })))(
  '$model with $name',
  ({ model, asked, maximum, outcome }) => {
    const changes = new Changes();
    const request: NeutralChatRequest = {
      operation: 'chat',
      surface: 'standard',
      messages: [],
      tools: [],
      settings: {},
      stream: false,
      rest: {},
      ...asked,
    };
    const { thinking, effort } = thinkingOf(request, claudeModel(model), maximum ?? null, changes);
    expect([thinking, effort, changes.toString()]).toEqual([...outcome]);
  },
);
