import { GatewayError } from '../../core/errors.ts';
import type { Finish } from '../../core/neutral/response.ts';

/** https://docs.cohere.com/reference/chat: both versions of the API. */
const REASONS: Readonly<Record<string, string>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  ERROR_LIMIT: 'length',
  TOOL_CALL: 'tool_calls',
  ERROR_TOXIC: 'content_filter',
};

/** Answers that broke off; the client should know rather than take what there is for the whole. */
const FAILURES: readonly unknown[] = ['ERROR', 'TIMEOUT', 'USER_CANCEL'];

/** `mlflow` is what MLflow's gateway answers: the provider's word in streams, nothing otherwise. Null where Cohere says nothing. */
export function finishOf(native: unknown, mlflow?: 'native' | 'none'): Finish | null {
  if (FAILURES.includes(native)) {
    throw new GatewayError('upstream_error', `Cohere ended the answer with '${native}'.`, {
      upstreamType: String(native),
    });
  }
  if (typeof native !== 'string') return null;
  const finish = { reason: REASONS[native] ?? 'stop', native };
  if (mlflow === undefined) return finish;
  return { ...finish, mlflow: mlflow === 'native' ? native : null };
}
