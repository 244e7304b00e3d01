import type { JsonObject } from '../../src/core/types.ts';
import { anthropic } from '../../src/dialects/anthropic/index.ts';
import { type AnswerContext, type CheckedRequest, type Dialect, PLAIN_PATH } from '../../src/dialects/dialect.ts';
import { gemini } from '../../src/dialects/gemini/index.ts';
import { mlflow } from '../../src/dialects/mlflow/index.ts';
import { openai } from '../../src/dialects/openai/index.ts';
import { responses } from '../../src/dialects/responses/index.ts';
import { TARGETS, type TargetName } from './targets.ts';

export const CLIENTS: Readonly<Record<ClientName, Dialect>> = { openai, mlflow, responses, anthropic, gemini };

export type ClientName = 'openai' | 'mlflow' | 'responses' | 'anthropic' | 'gemini';

export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];
export const TARGET_NAMES = Object.keys(TARGETS) as TargetName[];

export function contextOf(target: TargetName): AnswerContext {
  const { provider, model } = TARGETS[target];
  return { operation: 'chat', provider, model };
}

/** A client's body after its dialect's checks. */
export function checked(client: ClientName, body: JsonObject): CheckedRequest {
  return CLIENTS[client].check('chat', body, false, PLAIN_PATH);
}

/** The smallest question that each client can ask, for answers. */
export const QUESTIONS: Readonly<Record<ClientName, JsonObject>> = {
  openai: { messages: [{ role: 'user', content: 'Hello' }] },
  mlflow: { messages: [{ role: 'user', content: 'Hello' }] },
  responses: { input: 'Hello' },
  anthropic: { max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] },
  gemini: { contents: [{ parts: [{ text: 'Hello' }] }] },
};
