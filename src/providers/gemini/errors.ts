import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { UpstreamErrorReading } from '../provider.ts';

/**
 * `{"error": {"code": 400, "message": "…", "status": "INVALID_ARGUMENT"}}`; some methods put it into a list, and
 * models of other makers, by way of Vertex AI, have a `type` instead of the status.
 * https://cloud.google.com/apis/design/errors
 */
export function readGoogleError(body: unknown): UpstreamErrorReading | null {
  const outer: unknown = Array.isArray(body) ? body[0] : body;
  const error = isJsonObject(outer) ? outer.error : null;
  if (!isJsonObject(error) || typeof error.message !== 'string') return null;
  return { message: error.message, type: nameOf(error) };
}

function nameOf({ status, type }: JsonObject): string | null {
  if (typeof status === 'string') return status;
  return typeof type === 'string' ? type : null;
}
