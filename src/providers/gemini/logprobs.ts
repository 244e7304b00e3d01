import { isJsonObject, type JsonObject } from '../../core/types.ts';

/**
 * `logprobsResult` as OpenAI's `logprobs`; null where it is none. The API does not name the bytes of a token.
 * https://ai.google.dev/api/generate-content#LogprobsResult
 */
export function readLogprobs(result: unknown): JsonObject | null {
  if (!isJsonObject(result) || !Array.isArray(result.chosenCandidates)) return null;
  const top = Array.isArray(result.topCandidates) ? result.topCandidates : [];
  const content = result.chosenCandidates.filter(isJsonObject).map((chosen, position) => {
    const others: unknown = isJsonObject(top[position]) ? top[position].candidates : [];
    return { ...entry(chosen), top_logprobs: Array.isArray(others) ? others.filter(isJsonObject).map(entry) : [] };
  });
  return { content, refusal: null };
}

function entry({ token, logProbability }: JsonObject): JsonObject {
  return { token: token ?? '', logprob: logProbability ?? 0, bytes: null };
}
