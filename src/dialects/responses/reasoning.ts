import type { NeutralPart } from '../../core/neutral/parts.ts';
import { readCarried } from '../../core/openai/carried.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { invalidType, optionalString, otherFields } from '../openai/fields.ts';
import { requiredText } from './content.ts';

const KNOWN = new Set(['type', 'id', 'status', 'summary', 'content', 'encrypted_content']);

/**
 * A reasoning item that the client gives back; null for one that only carried the signature of a call.
 * https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
 */
export function decodeReasoning(item: JsonObject, path: string, provider: string | null): NeutralPart | null {
  const encrypted = optionalString(item.encrypted_content, `${path}.encrypted_content`);
  const carried = encrypted === undefined ? null : readCarried(encrypted, provider);
  if (carried?.kind === 'call') return null;
  if (carried?.kind === 'part') return { type: 'other', value: carried.value };
  const rest: JsonObject = otherFields(item, KNOWN) ?? {};
  // What another provider encrypted would be refused, or worse, misread.
  if (encrypted !== undefined && !carried) rest.encrypted_content = encrypted;
  const text = texts(item.summary, `${path}.summary`) || texts(item.content, `${path}.content`);
  const { kind: _kind, ...signed } = carried ?? { kind: 'reasoning' };
  const hasRest = Object.keys(rest).length > 0;
  const saysNothing = text === '' && !hasRest && Object.keys(signed).length === 0;
  return saysNothing ? null : { type: 'reasoning', text, ...signed, ...(hasRest && { rest }) };
}

function texts(list: unknown, path: string): string {
  if (list === undefined || list === null) return '';
  if (!Array.isArray(list)) throw invalidType(path, 'an array of objects', list);
  return list
    .map((item: unknown, index) => {
      if (!isJsonObject(item)) throw invalidType(`${path}[${index}]`, 'an object', item);
      return requiredText(item, 'text', `${path}[${index}]`);
    })
    .join('\n\n');
}

/** The signatures of tool calls, each in a reasoning item near its call. */
export class CallSignatures {
  readonly #signatures = new Map<string, string>();

  constructor(items: readonly unknown[], provider: string | null) {
    for (const item of items) {
      if (!isJsonObject(item) || item.type !== 'reasoning' || typeof item.encrypted_content !== 'string') continue;
      const carried = readCarried(item.encrypted_content, provider);
      if (carried?.kind === 'call') this.#signatures.set(carried.id, carried.signature);
    }
  }

  find(callId: string): string | null {
    return this.#signatures.get(callId) ?? null;
  }
}
