import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChoice, NeutralResponse, NeutralTextResponse } from '../../core/neutral/response.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { AnswerContext } from '../dialect.ts';
import { encodeContent, newId } from './content.ts';
import { encodeUsage } from './encode-usage.ts';
import { encodeFinish } from './finish.ts';

/** A neutral answer as a message. https://docs.anthropic.com/en/api/messages */
export function encode(response: NeutralResponse, context: AnswerContext): string {
  if (response.operation === 'embeddings') throw new TypeError('The Messages API has no embeddings.');
  return JSON.stringify(encodeMessage(response, context));
}

/** The API answers once, so of several choices there is the first. */
function encodeMessage(response: NeutralTextResponse, context: AnswerContext): JsonObject {
  const choice: NeutralChoice = response.choices[0] ?? { parts: [], finish: null };
  const { parts, refusal } = withoutExplanation(choice);
  const { service_tier: tier, ...rest } = response.rest ?? {};
  return {
    id: messageId(response.id),
    type: 'message',
    role: 'assistant',
    model: response.model ?? context.model ?? '',
    content: encodeContent(parts),
    ...encodeFinish(choice.finish, {
      calls: parts.some((part) => part.type === 'tool-call'),
      refusal: refusal !== null,
    }),
    ...(refusal !== null && { stop_details: refusalDetails(refusal) }),
    usage: { ...encodeUsage(response.usage ?? NO_USAGE), ...tierOf(tier) },
    ...withoutNulls(choice.rest),
    ...rest,
  };
}

/** Where the provider is Anthropic's own, a refusal's words are those of `stop_details`, and not of the content. */
function withoutExplanation({ parts, rest }: NeutralChoice): { parts: readonly NeutralPart[]; refusal: string | null } {
  if (isJsonObject(rest?.stop_details)) return { parts: parts.filter(({ type }) => type !== 'refusal'), refusal: null };
  let refusal: string | null = null;
  for (const part of parts) if (part.type === 'refusal') refusal = (refusal ?? '') + part.text;
  return { parts, refusal };
}

/** https://docs.anthropic.com/en/api/handling-stop-reasons#refusal */
export function refusalDetails(explanation: string): JsonObject {
  return { type: 'refusal', category: null, explanation };
}

/** Clients know messages by this beginning; the provider's own id stays readable behind it. */
export function messageId(id: string | null): string {
  if (id === null || id === '') return newId('msg');
  return id.startsWith('msg_') ? id : `msg_${id}`;
}

/** What OpenAI calls the default tier is the standard one here. */
export function tierOf(tier: unknown): JsonObject {
  return typeof tier === 'string' ? { service_tier: tier === 'default' ? 'standard' : tier } : {};
}

/** Fields that say nothing, such as `"logprobs":null`, are no part of this API. */
export function withoutNulls(fields: JsonObject | undefined): JsonObject | undefined {
  if (!fields) return undefined;
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
