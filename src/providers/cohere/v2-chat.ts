import { withAllowedTools } from '../../core/neutral/allowed-tools.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import { withoutDeferredTools } from '../../core/neutral/deferred-tools.ts';
import type { NeutralChatRequest, NeutralCompletionsRequest, ReasoningSettings } from '../../core/neutral/request.ts';
import type { ToolNameRule } from '../../core/neutral/tool-names.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { given, keepKnown, promptText } from '../request-fields.ts';
import type { Wire } from '../wire.ts';
import { invalidParameter } from './errors.ts';
import { convertMessages } from './messages.ts';
import { convertTools } from './tools.ts';
import { sampling } from './v1-chat.ts';
import { decodeAnswer } from './v2-response.ts';
import { AnswerReader } from './v2-stream.ts';

/** Fields beyond OpenAI's settings: https://docs.cohere.com/reference/chat */
const FIELDS: ReadonlySet<string> = new Set([
  'citation_options',
  'documents',
  'logprobs',
  'priority',
  'raw_prompting',
  'safety_mode',
  'seed',
  'strict_tools',
  'thinking',
]);

/** What both versions take: https://docs.cohere.com/v1/reference/chat#request.body.tools */
const TOOL_NAMES: ToolNameRule = { longest: 64, marks: '', beginsWithLetter: true };

/** Version 2 of the chat, for conversations and, with one question, for completions. */
export function chat(model: string | null, operation: 'chat' | 'completions'): Wire {
  return {
    toolNames: TOOL_NAMES,
    encode(request, changes) {
      if (request.operation === 'embeddings') return {};
      const { settings, rest, stream } = request;
      if ((settings.n ?? 1) !== 1) {
        throw invalidParameter(`Parameter n must be 1 for Cohere chat, got ${settings.n}.`, 'n');
      }
      return given({
        model,
        ...(request.operation === 'chat' ? conversation(request, changes) : question(request)),
        ...sampling(scaled(request), changes),
        ...keepKnown(withoutToolChoice(rest), FIELDS, changes),
        stream: stream || undefined,
      });
    },
    decode: (body) => decodeAnswer(operation, body),
    stream: { framing: 'sse', read: () => new AnswerReader() },
  };
}

/** A choice of several tools is read with the tools. */
function withoutToolChoice(rest: JsonObject): JsonObject {
  const { tool_choice: choice, ...others } = rest;
  return isJsonObject(choice) && choice.type === 'allowed_tools' ? others : rest;
}

/** MLflow's factor, which holds for an endpoint whichever version serves it. */
function scaled({ surface, settings }: NeutralChatRequest | NeutralCompletionsRequest): NeutralChatRequest['settings'] {
  const { temperature } = settings;
  if (surface !== 'mlflow' || temperature === undefined) return settings;
  return { ...settings, temperature: 2.5 * temperature };
}

function question({ prompt }: NeutralCompletionsRequest): JsonObject {
  return { messages: [{ role: 'user', content: promptText(prompt, 'Cohere') }] };
}

function conversation(given: NeutralChatRequest, changes: Changes): JsonObject {
  const request = withAllowedTools(withoutDeferredTools(given, changes), changes);
  const { responseFormat, reasoning } = request;
  return {
    messages: convertMessages(request, changes),
    ...convertTools(request, changes),
    ...(responseFormat && { response_format: format(responseFormat) }),
    ...(reasoning && thinking(reasoning, changes)),
  };
}

function format(wanted: NonNullable<NeutralChatRequest['responseFormat']>): JsonObject {
  if (wanted.type !== 'json_schema') return { type: wanted.type };
  const { schema } = wanted.json_schema;
  return { type: 'json_object', ...(schema && { json_schema: schema }) };
}

/** Thinking is on or off, with or without a limit: https://docs.cohere.com/docs/reasoning */
function thinking({ effort, effortAlone, mode, budgetTokens }: ReasoningSettings, changes: Changes): JsonObject {
  if (effortAlone) {
    changes.dropped('reasoning_effort');
    return {};
  }
  if (mode === 'disabled' || effort === 'none' || effort === 'minimal') {
    if (effort === 'minimal') changes.approximated('reasoning_effort');
    return { thinking: { type: 'disabled' } };
  }
  if (effort !== undefined && effort !== 'high') changes.approximated('reasoning_effort');
  return { thinking: { type: 'enabled', ...(budgetTokens !== undefined && { token_budget: budgetTokens }) } };
}
