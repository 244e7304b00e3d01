import { isJsonObject, type JsonObject } from '../types.ts';

/**
 * What a client of the Responses API must give back on the next turn though the API has no place for it. It travels in
 * the `encrypted_content` of reasoning items, the one field that clients keep without reading it.
 */
export type Carried =
  /** Of the reasoning item itself: what its provider signed or encrypted, if it did. */
  | { readonly kind: 'reasoning'; readonly signature?: string; readonly encrypted?: string }
  /** The signature of a tool call. */
  | { readonly kind: 'call'; readonly id: string; readonly signature: string }
  /** A part of a kind that only its provider knows. */
  | { readonly kind: 'part'; readonly value: JsonObject };

/** With the version of what follows, so that a later form can be told from this one. */
const PREFIX = 'sluice1.';

/** `provider` is the canonical name of the one who can read it. */
export function carry(provider: string, carried: Carried): string {
  return PREFIX + Buffer.from(JSON.stringify({ provider, ...carried }), 'utf8').toString('base64url');
}

/** Whether it was made here; to a provider it would be garbage. */
export function isCarried(content: unknown): content is string {
  return typeof content === 'string' && content.startsWith(PREFIX);
}

/** Null for what was not made here, or is damaged, or belongs to another provider. */
export function readCarried(content: string, provider: string | null): Carried | null {
  if (!isCarried(content)) return null;
  const value = parse(Buffer.from(content.slice(PREFIX.length), 'base64url').toString('utf8'));
  if (!value || (provider !== null && value.provider !== provider)) return null;
  const { kind, signature, encrypted, id, value: part } = value;
  if (kind === 'reasoning') {
    return {
      kind,
      ...(typeof signature === 'string' && { signature }),
      ...(typeof encrypted === 'string' && { encrypted }),
    };
  }
  if (kind === 'call' && typeof id === 'string' && typeof signature === 'string') return { kind, id, signature };
  return kind === 'part' && isJsonObject(part) ? { kind, value: part } : null;
}

function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
