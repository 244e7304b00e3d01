import { GatewayError } from '../core/errors.ts';
import type { Changes } from '../core/neutral/changes.ts';
import type { JsonObject } from '../core/types.ts';

/** The fields that an API knows; the others are noted as dropped. */
export function keepKnown(fields: JsonObject, known: ReadonlySet<string>, changes: Changes): JsonObject {
  const kept: Array<[string, unknown]> = [];
  for (const entry of Object.entries(fields)) {
    if (known.has(entry[0])) kept.push(entry);
    else changes.dropped(entry[0]);
  }
  return Object.fromEntries(kept);
}

/**
 * Refuses a provider's own names for fields that the gateway has under OpenAI's names, as MLflow does it: two values
 * for one parameter would leave open which one counts.
 */
export function refuseNativeNames(
  rest: JsonObject,
  ours: Readonly<Record<string, string>>,
  code: 'invalid_request' | 'invalid_body' = 'invalid_body',
): void {
  for (const [native, name] of Object.entries(ours)) {
    if (Object.hasOwn(rest, native)) {
      throw new GatewayError(code, `Invalid parameter ${native}. Use ${name} instead.`, { parameter: native });
    }
  }
}

/** The value within the range, both ends included; a value outside is noted as clamped. */
export function clamped(value: number, low: number, high: number, field: string, changes: Changes): number {
  const inside = Math.min(Math.max(value, low), high);
  if (inside !== value) changes.clamped(field);
  return inside;
}

/** The prompt of a completion for an API that takes one text. OpenAI's may also be a list of texts or of tokens. */
export function promptText(prompt: unknown, displayName: string): string {
  if (typeof prompt === 'string') return prompt;
  if (Array.isArray(prompt) && prompt.length === 1 && typeof prompt[0] === 'string') return prompt[0];
  throw new GatewayError('invalid_body', `${displayName} completes one prompt at a time, given as text.`, {
    parameter: 'prompt',
  });
}

/** What was given: members that are undefined are left out. */
export function given(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
