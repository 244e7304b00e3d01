import { GoogleGenAI } from '@google/genai';
import type { NeutralChunk } from '../../../core/neutral/response.ts';
import type { JsonObject } from '../../../core/types.ts';
import { PLAIN_PATH, type RequestPath } from '../../dialect.ts';
import { utf8FromLatin1 } from '../../latin1.ts';
import { eachEventData } from '../../sse.ts';
import { gemini } from '../index.ts';

export const CONTEXT = { operation: 'chat', provider: 'p', model: 'configured' } as const;
export const STREAM: RequestPath = { ...PLAIN_PATH, streams: true };
export const LIST: RequestPath = { ...STREAM, framing: 'json-list' };

/** For tests: the official client, which gets these answers, Latin-1, one after the other, and what it asks. */
export function clientOf(answers: readonly string[], status = 200): { client: GoogleGenAI; asked: JsonObject[] } {
  const asked: JsonObject[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    const text = answers[asked.length] ?? '';
    asked.push({ url: String(url), ...JSON.parse(String(init?.body)) });
    const type = text.startsWith('data:') ? 'text/event-stream' : 'application/json';
    return new Response(Buffer.from(text, 'latin1'), { status, headers: { 'content-type': type } });
  };
  const httpOptions = { baseUrl: 'http://gateway.invalid', fetch: fetch as typeof globalThis.fetch };
  return { client: new GoogleGenAI({ apiKey: 'key', vertexai: false, httpOptions }), asked };
}

/** What a client gets of a neutral stream, as Latin-1. */
export function encodeChunks(chunks: readonly NeutralChunk[], path = STREAM): string {
  const encoder = gemini.encodeStream(CONTEXT, { path, body: {}, replacements: null, streams: true });
  return chunks.map((chunk) => encoder.chunk(chunk)).join('') + encoder.end();
}

/** The JSON of each event. */
export function eventsOf(text: string): JsonObject[] {
  const events: JsonObject[] = [];
  eachEventData(text, (data) => events.push(JSON.parse(utf8FromLatin1(data))));
  return events;
}

interface Candidate {
  readonly index: number;
  readonly content: { readonly parts: JsonObject[] };
  readonly finishReason?: string;
}

/** The parts of one candidate in all chunks. */
export function partsOf(events: readonly JsonObject[], index = 0): JsonObject[] {
  const candidates = events.flatMap((event) => (event.candidates ?? []) as Candidate[]);
  return candidates.filter((candidate) => candidate.index === index).flatMap(({ content }) => content.parts);
}
