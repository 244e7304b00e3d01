import { createHash } from 'node:crypto';

/** The longest id that OpenAI's API takes. */
const LONGEST_ID = 40;

/** Ids that other providers gave may be longer; the same one becomes the same again. */
export function toolCallId(id: string): string {
  if (id.length <= LONGEST_ID) return id;
  return `call_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
}
