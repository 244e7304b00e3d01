import type { JsonObject, Operation } from '../../core/types.ts';
import type { CheckedRequest, RequestPath } from '../dialect.ts';
import { listAt, missing, objectAt } from './fields.ts';

/**
 * Checks what the gateway itself needs; the provider judges the rest. https://ai.google.dev/api/generate-content,
 * https://ai.google.dev/api/tokens, https://ai.google.dev/api/embeddings
 */
export function check(operation: Operation, value: unknown, path: RequestPath): CheckedRequest {
  const body = objectAt(value, 'body');
  if (operation === 'embeddings') checkEmbeddings(body, path.batch === true);
  else if (listAt(questionOf(body, path).contents).length === 0) throw missing('contents');
  const streams = operation !== 'embeddings' && path.action === 'generate' && path.streams === true;
  return { path, body: value as JsonObject, replacements: null, streams };
}

/** The body with its members' usual names. What is to be counted may be a whole request inside of it. */
export function questionOf(body: JsonObject, { action }: RequestPath): JsonObject {
  const question = objectAt(body, 'body');
  const inner = action === 'count-tokens' ? question.generateContentRequest : undefined;
  return inner === undefined || inner === null ? question : objectAt(inner, 'generateContentRequest');
}

function checkEmbeddings(body: JsonObject, isBatch: boolean): void {
  if (!isBatch) {
    if (body.content === undefined || body.content === null) throw missing('content');
    return;
  }
  const requests = listAt(body.requests);
  if (requests.length === 0) throw missing('requests');
  for (const [index, request] of requests.entries()) {
    const { content } = objectAt(request, `requests[${index}]`);
    if (content === undefined || content === null) throw missing(`requests[${index}].content`);
  }
}
