import { GatewayError } from '../../core/errors.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { openai } from '../openai/index.ts';

/** For tests: a chat request with these fields, checked and decoded. */
export function decodeChat(body: JsonObject, dialect = openai): NeutralChatRequest {
  const full = { messages: [{ role: 'user', content: 'x' }], ...body };
  const request = dialect.decode('chat', dialect.check('chat', full, false, PLAIN_PATH));
  if (request.operation !== 'chat') throw new Error('not a chat');
  return request;
}

export function decodeMessage(message: JsonObject, dialect = openai): NeutralMessage {
  const [first] = decodeChat({ messages: [message] }, dialect).messages;
  if (!first) throw new Error('no message');
  return first;
}

export function partsOf(content: unknown): readonly NeutralPart[] {
  return decodeMessage({ role: 'user', content }).parts;
}

/** The error with which the dialect refuses a body. */
export function refusal(body: JsonObject, operation: Operation = 'chat', dialect = openai): GatewayError {
  try {
    dialect.decode(operation, dialect.check(operation, body, false, PLAIN_PATH));
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was taken');
}
