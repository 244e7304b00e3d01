import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralTextResponse } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
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
  const citations: unknown[] = [];
  const parts = readBlocks(message.content, citations);
  const rest = furtherFields(body);
  return {
    operation,
    id: null,
    model: invokedModel(body.trace),
    choices: [
      {
        parts,
        finish: converseFinish(body.stopReason, body.additionalModelResponseFields),
        ...(citations.length > 0 && { rest: { citations } }),
      },
    ],
    usage: converseUsage(body.usage),
    ...(rest && { rest }),
  };
}

function readBlocks(content: readonly unknown[], citations: unknown[]): NeutralPart[] {
  const parts: NeutralPart[] = [];
  let hasPlainText = false;
  for (const block of content) {
    if (!isJsonObject(block)) throw invalidAnswer('a content block that is no object');
    const part = readBlock(block, citations);
    const isPlainText = typeof block.text === 'string';
    // A line break stands between two texts, as in MLflow's gateway; cited passages are pieces of one.
    if (part?.type === 'text' && isPlainText && hasPlainText) parts.push({ type: 'text', text: `\n${part.text}` });
    else if (part) parts.push(part);
    if (part?.type === 'text') hasPlainText = isPlainText;
  }
  return parts;
}

function readBlock(block: JsonObject, citations: unknown[]): NeutralPart | null {
  if (typeof block.text === 'string') return { type: 'text', text: block.text };
  if (isJsonObject(block.toolUse)) return readToolUse(block.toolUse) ?? { type: 'other', value: block };
  if (isJsonObject(block.reasoningContent)) return readReasoning(block.reasoningContent);
  if (isJsonObject(block.citationsContent)) return readCited(block.citationsContent, citations);
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
function readCited({ content, citations: cited }: JsonObject, citations: unknown[]): NeutralPart {
  if (Array.isArray(cited)) citations.push(...cited);
  const texts = Array.isArray(content) ? content.map((item) => (isJsonObject(item) ? item.text : '')) : [];
  return { type: 'text', text: texts.filter((text) => typeof text === 'string').join('') };
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
