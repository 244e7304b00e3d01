import { clean, LONGEST_MESSAGE, tagsOf } from '../core/ledger/caller.ts';
import type { EntryAttempt, UsageExtras } from '../core/ledger/journal-entry.ts';
import type { Usage } from '../core/neutral/usage.ts';
import type { BodyCaller } from '../dialects/dialect.ts';
import type { PartialAttempt } from './attempts.ts';
import { commonMembers, quoted } from './common-members.ts';
import type { Exchange } from './exchange.ts';
import { micros, ownTime, whole } from './record-times.ts';
import type { Trace } from './trace.ts';

/**
 * The text of a record that is not plain, as `ledger/read-entry.ts` reads it. It is joined from few strings, because that costs a quarter
 * of what building an object and writing it as JSON does; what is absent is left out. `now` is on the clock of
 * `performance.now()`.
 */
export function recordText(exchange: Exchange, now: number): string {
  const { incoming, endpoint, usage } = exchange;
  const { startedAt } = incoming;
  const isQuiet = endpoint?.logging === 'off';
  const common = endpoint === null ? commonMembers(exchange) : endpoint.members.textFor(exchange);
  const caller = isQuiet ? '' : incoming.callerMembers().text;
  const bodyCaller = isQuiet ? '' : exchange.bodyCallerText;
  const rare = rareText(exchange, isQuiet);
  const attempt = exchange.upstreamStartedAt > 0 ? attemptText(exchange, startedAt) : '';
  const used = usage === null ? '' : usageText(usage, exchange.isUsageEstimated);
  return (
    `{"id":"${exchange.id}","time":${timeText(exchange.time)}${common}${caller}${bodyCaller}${rare}${attempt}${used}` +
    `${phasesText(exchange, startedAt, now)},"bytes":[${incoming.bodyBytes + exchange.furtherBytes},${exchange.responseBytes}]}`
  );
}

let shownTime = -1;
let shownTimeText = '';

/** Many requests come in the same millisecond, and a number of this size is slow to write. */
function timeText(time: number): string {
  if (time !== shownTime) {
    shownTime = time;
    shownTimeText = String(time);
  }
  return shownTimeText;
}

/** What few records have. */
function rareText(exchange: Exchange, isQuiet: boolean): string {
  const { error, trace, changes, upstreamRequestId } = exchange;
  let text = '';
  if (error !== null) text += `,"error":${errorText(exchange, isQuiet)}`;
  if (exchange.clientGone) text += ',"gone":1';
  if (trace !== null) text += traceText(trace);
  if (changes !== null) text += `,"changes":${quoted(changes)}`;
  if (upstreamRequestId !== null) text += `,"upstreamId":${quoted(upstreamRequestId)}`;
  return text;
}

function phasesText(exchange: Exchange, startedAt: number, now: number): string {
  const { receivedAt, admittedAt, upstreamStartedAt, firstByteAt, firstTokenAt } = exchange;
  const connect = exchange.attempt?.connectTime ?? null;
  return (
    `,"phases":[${receivedAt === 0 ? 0 : micros(receivedAt, startedAt)},${micros(admittedAt, startedAt)},` +
    `${micros(upstreamStartedAt, startedAt)},${micros(firstByteAt, startedAt)},${micros(firstTokenAt, startedAt)},` +
    `${micros(now, startedAt)},${whole(ownTime(exchange, startedAt, now) * 1000)},` +
    `${micros(exchange.upstreamEndedAt, startedAt)},${connect === null ? -1 : whole(connect * 1000)}]`
  );
}

function traceText({ traceId, spanId, parentSpanId, sampled }: Trace): string {
  const parent = parentSpanId === null ? 'null' : `"${parentSpanId}"`;
  return `,"trace":["${traceId}","${spanId}",${parent},${sampled}]`;
}

function usageText(usage: Usage, isEstimated: boolean): string {
  const { input, output, cacheRead, reasoning, cacheWrite, cacheWriteLong } = usage;
  const { inputAudio, inputImage, outputAudio, outputImage } = usage;
  // Nothing but texts, as in most answers.
  const isPlain =
    cacheRead + reasoning + cacheWrite + cacheWriteLong === 0 &&
    inputAudio + inputImage + outputAudio + outputImage === 0;
  const text = isPlain
    ? `,"usage":[${input},${output}]`
    : `,"usage":[${input},${output},${cacheRead},${reasoning},${cacheWrite},${cacheWriteLong},` +
      `${inputAudio},${inputImage},${outputAudio},${outputImage}]`;
  const more = hasExtras(usage) ? `,"more":${JSON.stringify(extrasOf(usage))}` : '';
  return `${text}${more}${isEstimated ? ',"estimated":1' : ''}`;
}

/** What few answers say. */
export function hasExtras(usage: Usage): boolean {
  return (
    usage.cacheReadAudio !== undefined ||
    usage.cacheReadImage !== undefined ||
    usage.units !== undefined ||
    usage.billed !== undefined ||
    usage.providerCost !== undefined ||
    usage.serviceTier !== undefined ||
    usage.modifiers !== undefined
  );
}

/** Typed so that an addition to the usage cannot be forgotten here. */
function extrasOf(usage: Usage): { readonly [Name in keyof Required<UsageExtras>]: UsageExtras[Name] } {
  const { cacheReadAudio, cacheReadImage, units, billed, providerCost, serviceTier, modifiers } = usage;
  return { cacheReadAudio, cacheReadImage, units, billed, providerCost, serviceTier, modifiers };
}

/** The one call of most requests is told by what the record says anyway, and by this. */
function attemptText(exchange: Exchange, startedAt: number): string {
  const { attempt, attempts, upstreamStatus, status } = exchange;
  if (attempts !== null) return `,"attempts":${JSON.stringify(attempts.map((each) => partText(each, startedAt)))}`;
  const resentAt = attempt?.resentAt ?? 0;
  const text = upstreamStatus === status ? '' : `,"answered":${upstreamStatus}`;
  return resentAt > 0 ? `${text},"resent":${micros(resentAt, startedAt)}` : text;
}

function partText(attempt: PartialAttempt, startedAt: number): EntryAttempt {
  const { cause, connect, status, error } = attempt;
  return {
    cause,
    at: [attempt.startedAt, attempt.firstByteAt, attempt.endedAt].map((at) => micros(at, startedAt)),
    ...(connect !== null && { connect: whole(connect * 1000) }),
    ...(status !== null && { status }),
    ...(error !== null && { error: { code: error.code, message: clean(error.message, LONGEST_MESSAGE) } }),
  };
}

function errorText({ error }: Exchange, isQuiet: boolean): string {
  const message = isQuiet ? '' : clean(error?.message ?? '', LONGEST_MESSAGE);
  return JSON.stringify({ code: error?.code, message });
}

/** Members of a record that many have in common, each with a comma before it; null is left out. */
export function recordMembers(members: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(members).filter(([, value]) => value !== null);
  return given.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`).join('');
}

/** The host and port that a URL names. */
export function serverText(url: string): string {
  if (!URL.canParse(url)) return '';
  const { hostname, port, protocol } = new URL(url);
  return recordMembers({ server: `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}` });
}

/** What a body says of who asks. */
export function bodyCallerText({ user, metadata }: BodyCaller): string {
  const name = typeof user === 'string' && user !== '' ? `,"user":${JSON.stringify(clean(user))}` : '';
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return name;
  const tags = tagsOf(metadata as Readonly<Record<string, unknown>>);
  return Object.keys(tags).length === 0 ? name : `${name},"metadata":${JSON.stringify(tags)}`;
}
