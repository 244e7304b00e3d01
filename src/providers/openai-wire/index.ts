import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralRequest } from '../../core/neutral/request.ts';
import type { ToolNameRule } from '../../core/neutral/tool-names.ts';
import { isJsonObject, type JsonObject, type Operation } from '../../core/types.ts';
import type { OpenAIExtension, OpenAITarget } from '../provider.ts';
import type { Wire } from '../wire.ts';
import type { EncodingContext } from './context.ts';
import { isThinkingModel, leastEffort } from './reasoning-settings.ts';
import { leaveOutRefused, refusalsOf } from './refused-settings.ts';
import { encodeChat, encodeEmbeddings } from './request.ts';
import { decodeEmbeddings, decodeText } from './response.ts';
import { OpenAIChunkReader } from './stream.ts';

/** What is left to a provider's `adjust` to take or to leave out. */
const SORTED_OUT: readonly OpenAIExtension[] = ['reasoning_content', 'reasoning_details', 'thinking', 'top_k'];

/** https://platform.openai.com/docs/api-reference/chat/create#chat_create-tools */
const TOOL_NAMES: ToolNameRule = { longest: 64, marks: '-', beginsWithLetter: false };

type WireTarget = Pick<
  OpenAITarget,
  'model' | 'servedModel' | 'adjust' | 'mend' | 'mendChunk' | 'streamsUsageUnasked' | 'extensions'
>;

/** OpenAI's format as a wire, for clients that speak another one to a provider of this. */
export function openaiWire(target: WireTarget, operation: Operation): Wire {
  const { model, adjust, mend, mendChunk, streamsUsageUnasked = false } = target;
  const extensions = new Set(target.extensions ?? (adjust ? SORTED_OUT : []));
  const served = model ?? target.servedModel ?? null;
  const refusals = operation === 'chat' && !extensions.has('unknown') ? refusalsOf(served) : null;
  const common = {
    takes: (extension: OpenAIExtension) => extensions.has(extension),
    takesEffort: extensions.has('reasoning_effort') || isThinkingModel(served),
    leastEffort: leastEffort(served),
  };
  return {
    toolNames: TOOL_NAMES,
    encode(request, changes) {
      const body: JsonObject = {
        ...(model !== null && { model }),
        ...encodeBody(request, { ...common, changes }),
      };
      if (refusals !== null) leaveOutRefused(body, refusals, changes);
      if (body.stream === true && !streamsUsageUnasked) body.stream_options = { include_usage: true };
      if (adjust) applyAdjustment(body, adjust, operation, changes);
      return body;
    },
    decode(answer) {
      if (!isJsonObject(answer))
        throw new GatewayError('upstream_invalid', "The upstream's answer is not a JSON object.");
      mend?.(answer);
      return operation === 'embeddings' ? decodeEmbeddings(answer) : decodeText(answer);
    },
    stream: { framing: 'sse', read: () => new OpenAIChunkReader(mendChunk) },
  };
}

function encodeBody(request: NeutralRequest, context: EncodingContext): JsonObject {
  if (request.operation === 'chat') return encodeChat(request, context);
  if (request.operation === 'embeddings') return encodeEmbeddings(request, context);
  throw new GatewayError('not_implemented', 'Completions are served in their own format alone.');
}

/** As for a client that speaks OpenAI's format. */
function applyAdjustment(
  body: JsonObject,
  adjust: NonNullable<OpenAITarget['adjust']>,
  operation: Operation,
  changes: Changes,
): void {
  for (const [field, value] of adjust(body, { operation, surface: 'standard', changes }) ?? []) {
    if (value === undefined) delete body[field];
    else body[field] = value;
  }
}
