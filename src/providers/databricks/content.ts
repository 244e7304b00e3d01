import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** What MLflow keeps of a list. */
const PLAIN_PARTS = new Set<unknown>(['text', 'image_url', 'input_audio']);

/**
 * Some served models, those that reason among them, answer with content as a list of parts, which OpenAI's clients do
 * not read. Text becomes a string; reasoning goes where the rest of the field has it, in `reasoning_content` and
 * `reasoning_details`. https://docs.databricks.com/aws/en/machine-learning/model-serving/query-reason-models
 */
export function mendAnswer(answer: JsonObject): boolean {
  return mendChoices(answer, 'message');
}

/** The same for a chunk of a stream. */
export function mendChunk(chunk: JsonObject): boolean {
  return mendChoices(chunk, 'delta');
}

function mendChoices(answer: JsonObject, member: 'message' | 'delta'): boolean {
  let changed = false;
  for (const choice of Array.isArray(answer.choices) ? answer.choices : []) {
    const message = isJsonObject(choice) ? choice[member] : null;
    if (!isJsonObject(message) || !Array.isArray(message.content)) continue;
    const parts = message.content.filter(isJsonObject);
    // MLflow puts a line break between the parts of a whole answer; the pieces of a stream follow one another.
    message.content = readContent(parts, member === 'message' ? '\n' : '');
    addReasoning(message, parts, member === 'delta');
    changed = true;
  }
  return changed;
}

function readContent(parts: readonly JsonObject[], separator: string): unknown {
  const plain = parts.filter(({ type }) => PLAIN_PARTS.has(type));
  const isText = plain.every(({ type }) => type === 'text');
  return isText ? plain.map(({ text }) => String(text ?? '')).join(separator) || null : plain;
}

function addReasoning(message: JsonObject, parts: readonly JsonObject[], isPiece: boolean): void {
  const summaries = parts
    .filter(({ type }) => type === 'reasoning')
    .flatMap(({ summary }) => (Array.isArray(summary) ? summary.filter(isJsonObject) : []));
  const shown = summaries.map(({ text }) => (typeof text === 'string' ? text : '')).join('');
  if (shown !== '') message.reasoning_content = shown;
  const details = summaries.map(toDetail).filter((detail) => detail !== null);
  const isSigned = details.some(({ signature, data }) => signature !== undefined || data !== undefined);
  // The signature of a stream comes last, when the text has gone by: clients join the pieces by their index.
  if (isPiece && details.length > 0) {
    message.reasoning_details = details.map((detail) => ({ index: detail.data === undefined ? 0 : 1, ...detail }));
  } else if (isSigned) {
    message.reasoning_details = details;
  }
}

function toDetail({ text, signature, data }: JsonObject): JsonObject | null {
  if (typeof data === 'string') return { type: 'reasoning.encrypted', data };
  if (typeof text !== 'string' && typeof signature !== 'string') return null;
  return {
    type: 'reasoning.text',
    text: typeof text === 'string' ? text : '',
    ...(typeof signature === 'string' && { signature }),
  };
}
