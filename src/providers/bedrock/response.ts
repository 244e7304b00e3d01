import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralTextResponse } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { citationFields } from '../anthropic/citations.ts';
import { readCitation } from './citations.ts';
import { invalidAnswer } from './errors.ts';
import { converseFinish } from './finish.ts';
import { converseUsage } from './usage.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax */
export function decodeConverse(operation: 'chat' | 'completions', body: unknown): NeutralTextResponse {
  if (!isJsonObject(body)) throw invalidAnswer('no JSON object');
  const message = isJsonObject(body.output) ? body.output.message : undefined;
  if (!isJsonObject(message) || !Array.isArray(message.content)) {
    throw invalidAnswer("no list in 'output.message.content'");
  }
  const parts = readBlocks(message.content);
  const rest = furtherFields(body);
  return {
    operation,
    id: null,
    model: invokedModel(body.trace),
    choices: [{ parts, finish: converseFinish(body.stopReason, body.additionalModelResponseFields) }],
    usage: converseUsage(body.usage, body.serviceTier),
    ...(rest && { rest }),
  };
}

function readBlocks(content: readonly unknown[]): NeutralPart[] {
  const parts: NeutralPart[] = [];
  let hasPlainText = false;
  let length = 0;
  for (const block of content) {
    if (!isJsonObject(block)) throw invalidAnswer('a content block that is no object');
    const part = readBlock(block, length);
    if (part === null) continue;
    if (part.type !== 'text') {
      parts.push(part);
      continue;
    }
    const isPlainText = typeof block.text === 'string';
    // A line break stands between two texts, as in MLflow's gateway; cited passages are pieces of one.
    const text = isPlainText && hasPlainText ? `\n${part.text}` : part.text;
    parts.push({ ...part, text });
    length += text.length;
    hasPlainText = isPlainText;
  }
  return parts;
}

/** `start` is the length of the answer's text before this block. */
function readBlock(block: JsonObject, start: number): NeutralPart | null {
  if (typeof block.text === 'string') return { type: 'text', text: block.text };
  if (isJsonObject(block.toolUse)) return readToolUse(block.toolUse) ?? { type: 'other', value: block };
  if (isJsonObject(block.reasoningContent)) return readReasoning(block.reasoningContent);
  if (isJsonObject(block.citationsContent)) return readCited(block.citationsContent, start);
  if (isJsonObject(block.image)) return readImage(block.image) ?? { type: 'other', value: block };
  return { type: 'other', value: block };
}

/** Null for a call that Bedrock itself has made. */
function readToolUse(toolUse: JsonObject): NeutralPart | null {
  const { toolUseId, name, input, type } = toolUse;
  if (type === 'server_tool_use') return null;
  if (typeof toolUseId !== 'string' || typeof name !== 'string') throw invalidAnswer('a tool call without id or name');
  return { type: 'tool-call', id: toolUseId, name, arguments: JSON.stringify(input ?? {}) };
}

function readReasoning({ reasoningText, redactedContent }: JsonObject): NeutralPart | null {
  if (typeof redactedContent === 'string') return { type: 'reasoning', text: '', encrypted: redactedContent };
  if (!isJsonObject(reasoningText)) return null;
  const { text, signature } = reasoningText;
  return {
    type: 'reasoning',
    text: typeof text === 'string' ? text : '',
    ...(typeof signature === 'string' && { signature }),
  };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CitationsContentBlock.html */
function readCited({ content, citations }: JsonObject, start: number): NeutralPart {
  const texts = Array.isArray(content) ? content.map((item) => (isJsonObject(item) ? item.text : '')) : [];
  const text = texts.filter((piece) => typeof piece === 'string').join('');
  if (!Array.isArray(citations) || citations.length === 0) return { type: 'text', text };
  return { type: 'text', text, rest: citationFields(citations.map(readCitation), start, start + text.length) };
}

function readImage({ format, source }: JsonObject): NeutralPart | null {
  if (!isJsonObject(source) || typeof source.bytes !== 'string') return null;
  return { type: 'image', source: { kind: 'base64', mediaType: `image/${String(format)}`, data: source.bytes } };
}

/** A prompt router names the model that it chose. */
function invokedModel(trace: unknown): string | null {
  const router = isJsonObject(trace) ? trace.promptRouter : undefined;
  return isJsonObject(router) && typeof router.invokedModelId === 'string' ? router.invokedModelId : null;
}

function furtherFields({
  serviceTier,
  trace,
  additionalModelResponseFields,
  performanceConfig,
}: JsonObject): JsonObject | null {
  const fields: JsonObject = {};
  if (isJsonObject(serviceTier) && typeof serviceTier.type === 'string') fields.service_tier = serviceTier.type;
  const others = { trace, additionalModelResponseFields, performanceConfig };
  for (const [name, value] of Object.entries(others)) if (isJsonObject(value)) fields[name] = value;
  for (const _ in fields) return fields;
  return null;
}
