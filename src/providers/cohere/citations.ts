import type { TextPart } from '../../core/neutral/parts.ts';

/** A text with what it cites, in Cohere's own shape. */
export function withCitations(text: string, citations: unknown): TextPart {
  if (!Array.isArray(citations) || citations.length === 0) return { type: 'text', text };
  return { type: 'text', text, rest: { citations } };
}
