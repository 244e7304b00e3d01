import type { NeutralChatRequest, NeutralRequest } from '../../core/neutral/request.ts';

/**
 * Which version of the API serves a request of an endpoint that does not name one. MLflow's surfaces are served by
 * version 1, as MLflow's users know it, as long as that can carry the request; all others by version 2.
 */
export function isForVersion2(request: NeutralRequest): boolean {
  if (request.operation === 'chat') return request.surface === 'standard' || needsVersion2(request);
  if (request.surface === 'mlflow') return false;
  // Several completions of one prompt are something that only version 1 has.
  return request.operation === 'embeddings' || (request.settings.n ?? 1) === 1;
}

/** Whether a conversation holds what version 1 cannot carry as MLflow speaks it. */
export function needsVersion2(request: NeutralChatRequest): boolean {
  const { tools, toolChoice, responseFormat, reasoning, messages } = request;
  if (tools.length > 0 || toolChoice !== undefined || reasoning !== undefined) return true;
  if (responseFormat !== undefined && responseFormat.type !== 'text') return true;
  return messages.some(({ parts }) => parts.some(({ type }) => type !== 'text' && type !== 'refusal'));
}
