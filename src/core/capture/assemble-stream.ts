import { isJsonObject, type JsonObject, type WireFormat } from '../types.ts';
import { assembleAnthropic } from './assemble-anthropic.ts';
import { assembleGemini } from './assemble-gemini.ts';
import { assembleOpenAI } from './assemble-openai.ts';
import { assembleResponses } from './assemble-responses.ts';

const ASSEMBLERS: Readonly<Record<WireFormat, (events: readonly JsonObject[]) => JsonObject | null>> = {
  openai: assembleOpenAI,
  responses: assembleResponses,
  anthropic: assembleAnthropic,
  gemini: assembleGemini,
};

/**
 * The answer that a stream amounts to, in the shape that the same API gives without streaming: JSON text. Null where no
 * event of it can be read. `text` is a list of server-sent events, or one of JSON.
 */
export function assembleStream(format: WireFormat, text: string): string | null {
  const events = text.trimStart().startsWith('[') ? listItems(text) : eventData(text);
  if (events.length === 0) return null;
  const answer = ASSEMBLERS[format](events) ?? {};
  const failed = events.findLast((event) => isJsonObject(event.error) || event.type === 'error');
  if (failed) answer.error = failed.error ?? failed;
  return JSON.stringify(answer);
}

function eventData(text: string): JsonObject[] {
  const events: JsonObject[] = [];
  for (const event of text.split(/\r\n\r\n|\n\n|\r\r/)) {
    const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
    const value = parse(lines.map((line) => line.slice(5)).join('\n'));
    if (isJsonObject(value)) events.push(value);
  }
  return events;
}

/** A list that breaks off has its items up to there: each stands on lines of its own. */
function listItems(text: string): JsonObject[] {
  const whole = parse(text) ?? parse(`${text.replace(/[\s,]+$/, '')}]`);
  return Array.isArray(whole) ? whole.filter(isJsonObject) : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
