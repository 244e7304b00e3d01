import type { JournalEntry } from '../core/ledger/journal-entry.ts';
import {
  BODY_CALLER_WORD,
  CALLER_WORD,
  COUNT_WORD,
  FLAGS_WORD,
  HAS_USAGE,
  IS_ESTIMATED,
  MAKER_WORD,
  PHASES,
  PHASES_WORD,
  REQUEST_BYTES_WORD,
  RESPONSE_BYTES_WORD,
  SHAPE_WORD,
  timeAt,
  USAGE_WORD,
  upstreamIdAt,
} from '../core/ledger/plain-record.ts';
import { requestIdOf } from '../core/ledger/request-id.ts';
import type { AttemptRecord, CallerRecord, RequestRecord, UsageRecord } from '../core/ledger/request-record.ts';
import type { DefinitionEntry, Definitions } from '../storage/journal/definitions.ts';
import { callerOf, phasesOf, theOne } from './read-entry.ts';

/** The record that the words of a plain one hold, or null where its definitions are no JSON. */
export function readPlain(words: Int32Array, at: number, definitions: Definitions, node: string): RequestRecord | null {
  const word = (index: number): number => words[at + index] ?? 0;
  const time = timeAt(words, at);
  const flags = word(FLAGS_WORD);
  const hasUsage = (flags & HAS_USAGE) !== 0;
  const phases = Array.from(words.subarray(at + PHASES_WORD, at + PHASES_WORD + PHASES));
  try {
    const shape = membersOf(definitions.entry(word(SHAPE_WORD))) as JournalEntry;
    return {
      id: requestIdOf(time, definitions.text(word(MAKER_WORD)), word(COUNT_WORD)),
      time,
      node,
      surface: shape.surface,
      operation: shape.operation,
      endpoint: shape.endpoint ?? null,
      route: shape.route ?? null,
      provider: shape.provider ?? null,
      model: shape.model ?? null,
      servedModel: shape.served ?? null,
      status: shape.status,
      error: null,
      finishReason: shape.finish ?? null,
      stream: shape.stream === 1,
      clientClosed: false,
      caller: callerAt(words, at, definitions),
      trace: null,
      phases: phasesOf(phases),
      attempts: attemptsOf(shape, phases, upstreamIdAt(words, at)),
      usage: hasUsage ? usageAt(words, at + USAGE_WORD) : null,
      usageSource: hasUsage ? ((flags & IS_ESTIMATED) === 0 ? 'provider' : 'estimated') : null,
      providerCost: null,
      serviceTier: null,
      changes: null,
      requestBytes: word(REQUEST_BYTES_WORD),
      responseBytes: word(RESPONSE_BYTES_WORD),
    };
  } catch {
    return null;
  }
}

/** What the headers say is read once for a segment, and again only beside what a body says. */
function callerAt(words: Int32Array, at: number, definitions: Definitions): CallerRecord {
  const ofHeaders = definitions.entry(words[at + CALLER_WORD] ?? 0);
  const bodyNumber = words[at + BODY_CALLER_WORD] ?? 0;
  if (bodyNumber !== 0) {
    return callerOf({ ...parsed(ofHeaders.text), ...membersOf(definitions.entry(bodyNumber)) });
  }
  ofHeaders.parsed ??= callerOf(parsed(ofHeaders.text));
  return ofHeaders.parsed as CallerRecord;
}

function attemptsOf(shape: JournalEntry, phases: readonly number[], upstreamId: string | null): AttemptRecord[] {
  const { provider, model = null, server, status } = shape;
  if (provider === undefined) return [];
  const target = server === undefined ? { provider, model } : { provider, model, server };
  const call = upstreamId === null ? { status, phases } : { status, phases, upstreamId };
  return [theOne(call, target, (phases[2] ?? 0) / 1000, 'first')];
}

function usageAt(words: Int32Array, at: number): UsageRecord {
  return {
    input: words[at] ?? 0,
    cacheRead: words[at + 1] ?? 0,
    cacheWrite: words[at + 2] ?? 0,
    cacheWriteLong: words[at + 3] ?? 0,
    inputAudio: words[at + 4] ?? 0,
    inputImage: words[at + 5] ?? 0,
    output: words[at + 6] ?? 0,
    reasoning: words[at + 7] ?? 0,
    outputAudio: words[at + 8] ?? 0,
    outputImage: words[at + 9] ?? 0,
  };
}

/** The members that a definition stands for, read once for a segment. */
function membersOf(definition: DefinitionEntry): Partial<JournalEntry> {
  definition.parsed ??= parsed(definition.text);
  return definition.parsed as Partial<JournalEntry>;
}

function parsed(text: string): Partial<JournalEntry> {
  return JSON.parse(`{${text.slice(1)}}`);
}
