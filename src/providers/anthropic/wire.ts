import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralRequest } from '../../core/neutral/request.ts';
import type { ToolNameRule } from '../../core/neutral/tool-names.ts';
import type { JsonObject } from '../../core/types.ts';
import type { Wire } from '../wire.ts';
import {
  decodeTextCompletion,
  encodeTextCompletion,
  type TextCompletionLimits,
  TextCompletionReader,
} from './completions.ts';
import { type ClaudeModel, claudeModel } from './models.ts';
import { encodeChat, encodePrompt } from './request.ts';
import { decodeMessage } from './response.ts';
import { MessageReader } from './stream.ts';

export interface ClaudeWireOptions {
  /** Written into the body as `model`; null where the URL names the model. */
  readonly model: string | null;
  /** Written into the body as `anthropic_version`; null where a header says it. */
  readonly version: string | null;
  /** The name by which to know what the model takes, where the body has no `model`. */
  readonly knownAs?: string | null;
}

/** https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use#specifying-client-tools */
const TOOL_NAMES: ToolNameRule = { longest: 128, marks: '-', beginsWithLetter: false };

/** The Messages API, for chat and for prompts of one turn. https://docs.anthropic.com/en/api/messages */
export function claudeWire(options: ClaudeWireOptions): Wire {
  const model = claudeModel(options.model ?? options.knownAs ?? '');
  const common = commonFields(options);
  return {
    toolNames: TOOL_NAMES,
    encode: (request, changes) => ({ ...common, ...encodeMessages(request, changes, model) }),
    decode: (body) => decodeMessage(body, 'chat'),
    stream: { framing: 'sse', read: () => new MessageReader() },
  };
}

/** Completions of models that have the Messages API alone. */
export function claudePromptWire(options: ClaudeWireOptions): Wire {
  return { ...claudeWire(options), decode: (body) => decodeMessage(body, 'completions') };
}

function encodeMessages(request: NeutralRequest, changes: Changes, model: ClaudeModel): JsonObject {
  if (request.operation === 'chat') return encodeChat(request, changes, model);
  return request.operation === 'completions' ? encodePrompt(request, changes, model) : {};
}

export interface ClaudeTextWireOptions extends ClaudeWireOptions, TextCompletionLimits {}

/** The Text Completions API of the models before Claude 3. https://docs.anthropic.com/en/api/complete */
export function claudeTextWire(options: ClaudeTextWireOptions): Wire {
  const common = commonFields(options);
  return {
    encode: (request, changes) =>
      request.operation === 'completions' ? { ...common, ...encodeTextCompletion(request, changes, options) } : {},
    decode: decodeTextCompletion,
    stream: { framing: 'sse', read: () => new TextCompletionReader() },
  };
}

function commonFields({ model, version }: ClaudeWireOptions): JsonObject {
  return { ...(model !== null && { model }), ...(version !== null && { anthropic_version: version }) };
}
