import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { type AnswerContext, type CheckedRequest, PLAIN_PATH } from '../dialect.ts';
import { responses } from '../responses/index.ts';

/** For tests: who answers. */
export const RESPONSES_CONTEXT: AnswerContext = { operation: 'chat', provider: 'maker', model: 'configured' };

export function checkResponses(body: JsonObject): CheckedRequest {
  return responses.check('chat', { input: 'x', ...body }, false, PLAIN_PATH);
}

/** For tests: a request with these fields, checked and decoded. */
export function decodeResponses(body: JsonObject, context?: AnswerContext): NeutralChatRequest {
  const request = responses.decode('chat', checkResponses(body), context);
  if (request.operation !== 'chat') throw new Error('not a chat');
  return request;
}
