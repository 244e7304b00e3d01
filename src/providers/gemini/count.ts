import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { Wire } from '../wire.ts';
import { VERTEX_COUNTED } from './native.ts';
import { invalid } from './response.ts';

type Count = NonNullable<Wire['count']>;

/** Asks how many tokens a request of `wire` has. `resource` is `models/…`. https://ai.google.dev/api/tokens */
export function countTokens(wire: Wire, resource: string): Count {
  return {
    encode: (request, changes) => ({
      generateContentRequest: { model: resource, ...wire.encode({ ...request, stream: false }, changes) },
    }),
    decode,
  };
}

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/count-tokens */
export function countVertexTokens(wire: Wire): Count {
  return {
    encode: (request, changes) => {
      const body = wire.encode({ ...request, stream: false }, changes);
      const counted: JsonObject = {};
      for (const field in body) if (VERTEX_COUNTED.has(field)) counted[field] = body[field];
      return counted;
    },
    decode,
  };
}

function decode(body: unknown): number {
  const tokens = isJsonObject(body) ? body.totalTokens : null;
  if (typeof tokens !== 'number') throw invalid("no 'totalTokens'");
  return tokens;
}
