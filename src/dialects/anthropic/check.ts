import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { CheckedRequest, RequestPath } from '../dialect.ts';
import { invalid, invalidType, listAt, missing, objectAt } from './fields.ts';

/**
 * Checks what the gateway itself needs; the provider judges the rest.
 * https://docs.anthropic.com/en/api/messages, https://docs.anthropic.com/en/api/messages-count-tokens
 */
export function check(body: unknown, path: RequestPath): CheckedRequest {
  if (!isJsonObject(body)) throw invalidType('body', 'a valid dictionary');
  const counts = path.action === 'count-tokens';
  if (!counts) checkMaximum(body.max_tokens);
  checkMessages(body.messages);
  const { stream } = body;
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw invalidType('stream', 'a valid boolean');
  }
  return { path, body, replacements: null, streams: !counts && (path.streams ?? stream === true) };
}

function checkMaximum(value: unknown): void {
  if (value === undefined || value === null) throw missing('max_tokens');
  if (typeof value !== 'number' || !Number.isInteger(value)) throw invalidType('max_tokens', 'a valid integer');
  if (value < 0) throw invalidType('max_tokens', 'greater than or equal to 0');
}

function checkMessages(value: unknown): void {
  if (value === undefined || value === null) throw missing('messages');
  const messages = listAt(value, 'messages');
  if (messages.length === 0) throw invalid('messages', 'at least one message is required');
  for (const [index, message] of messages.entries()) {
    const { role, content }: JsonObject = objectAt(message, `messages.${index}`);
    if (typeof role !== 'string') throw missing(`messages.${index}.role`);
    if (content === undefined || content === null) throw missing(`messages.${index}.content`);
  }
}
