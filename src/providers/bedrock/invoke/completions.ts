import { GatewayError } from '../../../core/errors.ts';
import type { Changes } from '../../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../../core/neutral/request.ts';
import type { NeutralTextResponse } from '../../../core/neutral/response.ts';
import type { JsonObject } from '../../../core/types.ts';
import type { Wire } from '../../wire.ts';
import type { TextFormat } from '../models.ts';
import { decodeAi21, encodeAi21 } from './ai21.ts';
import { decodeClaude, encodeClaude } from './claude.ts';
import { decodeCohere, encodeCohere } from './cohere.ts';
import { decodeTitan, encodeTitan } from './titan.ts';

interface Format {
  encode(request: NeutralCompletionsRequest, changes: Changes): JsonObject;
  decode(body: unknown): NeutralTextResponse;
}

const FORMATS: Readonly<Record<TextFormat, Format>> = {
  titan: { encode: encodeTitan, decode: decodeTitan },
  ai21: { encode: encodeAi21, decode: decodeAi21 },
  claude: { encode: encodeClaude, decode: decodeClaude },
  cohere: { encode: encodeCohere, decode: decodeCohere },
};

/** InvokeModel: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html */
export function completionsWire(format: TextFormat): Wire {
  const { encode, decode } = FORMATS[format];
  return {
    encode: (request, changes) => {
      if (request.operation === 'completions') return encode(request, changes);
      throw new GatewayError('not_implemented', 'This model only completes texts.');
    },
    decode,
  };
}
