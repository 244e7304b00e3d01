import type { Definition } from '../core/ledger/definition.ts';
import {
  COUNT_WORD,
  FLAGS_WORD,
  HAS_USAGE,
  IS_ESTIMATED,
  LONGEST_UPSTREAM_ID,
  PHASES_WORD,
  REQUEST_BYTES_WORD,
  RESPONSE_BYTES_WORD,
  TIME_WORD,
  USAGE_WORD,
  writeUpstreamId,
} from '../core/ledger/plain-record.ts';
import { NO_USAGE, type Usage } from '../core/neutral/usage.ts';
import type { Exchange, Journal, Recorder } from './exchange.ts';
import { hasExtras } from './record-text.ts';
import { micros, ownTime, whole } from './record-times.ts';

/** Milliseconds. Half of what a word holds as microseconds, because the gateway's own time is made of two of them. */
const LONGEST = 2 ** 30 / 1000;

/**
 * Writes the record of an exchange as words, without making an object; false for one that only a text can hold. All that
 * can fail comes before `begin`: what is begun must be committed.
 */
export function writePlain(exchange: Exchange, now: number, journal: Journal): boolean {
  const { endpoint, incoming, recorder, responseBytes, upstreamRequestId } = exchange;
  if (endpoint === null || !isPlain(exchange) || !isSoon(exchange, now)) return false;
  const usage = exchange.usage ?? NO_USAGE;
  const requestBytes = incoming.bodyBytes + exchange.furtherBytes;
  if (!areWords(usage) || !isWord(requestBytes) || !isWord(responseBytes)) return false;
  const shape = endpoint.members.shapeFor(exchange);
  if (shape === null) return false;
  const isQuiet = endpoint.logging === 'off';
  const caller = isQuiet ? null : incoming.callerMembers();
  const bodyCaller = isQuiet ? null : bodyCallerOf(exchange, recorder);
  const at = journal.begin(shape, caller, bodyCaller, recorder.ids.maker, upstreamRequestId?.length ?? 0);
  // It is counted as lost already.
  if (at < 0) return true;
  const { words } = journal;
  words[at + COUNT_WORD] = exchange.idCount;
  writeTime(words, at + TIME_WORD, exchange.time);
  words[at + FLAGS_WORD] = flagsOf(exchange);
  writePhases(words, at + PHASES_WORD, exchange, now);
  words[at + REQUEST_BYTES_WORD] = requestBytes;
  words[at + RESPONSE_BYTES_WORD] = responseBytes;
  writeUsage(words, at + USAGE_WORD, usage);
  writeUpstreamId(words, at, upstreamRequestId ?? '');
  journal.commit();
  return true;
}

/** Whether a word says all there is. */
function isPlain(exchange: Exchange): boolean {
  const { error, trace, changes, attempts, attempt, usage, upstreamRequestId } = exchange;
  return (
    error === null &&
    trace === null &&
    changes === null &&
    attempts === null &&
    !exchange.clientGone &&
    exchange.idCount >= 0 &&
    exchange.upstreamStartedAt > 0 &&
    exchange.upstreamStatus === exchange.status &&
    (attempt?.resentAt ?? 0) === 0 &&
    (usage === null || !hasExtras(usage)) &&
    (upstreamRequestId === null || upstreamRequestId.length <= LONGEST_UPSTREAM_ID)
  );
}

function isSoon(exchange: Exchange, now: number): boolean {
  const end = exchange.incoming.startedAt + LONGEST;
  return (
    now < end &&
    exchange.receivedAt < end &&
    exchange.admittedAt < end &&
    exchange.upstreamStartedAt < end &&
    exchange.firstByteAt < end &&
    exchange.firstTokenAt < end &&
    exchange.upstreamEndedAt < end &&
    (exchange.attempt?.connectTime ?? 0) < LONGEST
  );
}

function areWords(usage: Usage): boolean {
  return (
    isWord(usage.input) &&
    isWord(usage.cacheRead) &&
    isWord(usage.cacheWrite) &&
    isWord(usage.cacheWriteLong) &&
    isWord(usage.inputAudio) &&
    isWord(usage.inputImage) &&
    isWord(usage.output) &&
    isWord(usage.reasoning) &&
    isWord(usage.outputAudio) &&
    isWord(usage.outputImage)
  );
}

function isWord(value: number): boolean {
  return (value | 0) === value;
}

function bodyCallerOf({ bodyCallerText }: Exchange, { bodyCallers }: Recorder): Definition | null {
  return bodyCallerText === '' ? null : bodyCallers.of(bodyCallerText);
}

function flagsOf({ usage, isUsageEstimated }: Exchange): number {
  if (usage === null) return 0;
  return isUsageEstimated ? HAS_USAGE | IS_ESTIMATED : HAS_USAGE;
}

let halvedTime = -1;
let lowHalf = 0;
let highHalf = 0;

/** Many requests come in the same millisecond, and cutting a number of this size in two is slow. */
function writeTime(words: Int32Array, at: number, time: number): void {
  if (time !== halvedTime) {
    halvedTime = time;
    lowHalf = time | 0;
    highHalf = Math.floor(time / 2 ** 32);
  }
  words[at] = lowHalf;
  words[at + 1] = highHalf;
}

function writePhases(words: Int32Array, at: number, exchange: Exchange, now: number): void {
  const { startedAt } = exchange.incoming;
  const { receivedAt } = exchange;
  const connect = exchange.attempt?.connectTime ?? null;
  words[at] = receivedAt === 0 ? 0 : micros(receivedAt, startedAt);
  words[at + 1] = micros(exchange.admittedAt, startedAt);
  words[at + 2] = micros(exchange.upstreamStartedAt, startedAt);
  words[at + 3] = micros(exchange.firstByteAt, startedAt);
  words[at + 4] = micros(exchange.firstTokenAt, startedAt);
  words[at + 5] = micros(now, startedAt);
  words[at + 6] = whole(ownTime(exchange, startedAt, now) * 1000);
  words[at + 7] = micros(exchange.upstreamEndedAt, startedAt);
  words[at + 8] = connect === null ? -1 : whole(connect * 1000);
}

/** In the order of `TOKEN_BUCKETS`. */
function writeUsage(words: Int32Array, at: number, usage: Usage): void {
  words[at] = usage.input;
  words[at + 1] = usage.cacheRead;
  words[at + 2] = usage.cacheWrite;
  words[at + 3] = usage.cacheWriteLong;
  words[at + 4] = usage.inputAudio;
  words[at + 5] = usage.inputImage;
  words[at + 6] = usage.output;
  words[at + 7] = usage.reasoning;
  words[at + 8] = usage.outputAudio;
  words[at + 9] = usage.outputImage;
}
