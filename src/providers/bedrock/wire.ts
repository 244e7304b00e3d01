import type { ToolNameRule } from '../../core/neutral/tool-names.ts';
import type { Wire } from '../wire.ts';
import type { Model } from './models.ts';
import { encodeConverse } from './request.ts';
import { decodeConverse } from './response.ts';
import { ConverseReader } from './stream.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html */
const TOOL_NAMES: ToolNameRule = { longest: 64, marks: '-', beginsWithLetter: false };

/** Converse and ConverseStream, for chats, and for completions by models that know nothing else. */
export function converseWire(operation: 'chat' | 'completions', model: Model): Wire {
  return {
    toolNames: TOOL_NAMES,
    encode: (request, changes) => encodeConverse(request, model, changes),
    decode: (body) => decodeConverse(operation, body),
    stream: { framing: 'aws-event-stream', read: () => new ConverseReader() },
  };
}
