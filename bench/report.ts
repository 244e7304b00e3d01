import { cpus, release } from 'node:os';
import type { ConcurrencyResult, GatewayResult, WorkersResult } from './laboratory.ts';
import type { Effort } from './measure.ts';
import type { Comparison } from './rounds.ts';
import type { TranslatedResult } from './translated.ts';

export interface Results {
  readonly effort: Effort;
  readonly nginxVersion: string;
  readonly sluice: GatewayResult;
  /** Null where the measurement failed; the output of the run says why. */
  readonly concurrency: ConcurrencyResult | null;
  readonly workers: WorkersResult | null;
  readonly translated: readonly TranslatedResult[];
  readonly rivals: readonly GatewayResult[];
  /** Rivals that were not measured, each with the reason. */
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
}

interface Target {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  readonly met: boolean | null;
}

/** The whole of `results.md`. */
export function report(results: Results): string {
  const { effort, sluice, translated, rivals, absent } = results;
  const rows = targets(results).map(({ what, limit, measured, met }) => [
    what,
    limit,
    measured,
    met === null ? 'not measured' : met ? 'pass' : '**miss**',
  ]);
  return `# Benchmark results

${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${process.platform} ${release()}, Bun ${Bun.version}, ${results.nginxVersion}. Written by \`npm run bench\`.

Limits and metrics are on. The gateway has one core; the load and the mock providers share the other. Ratios are to
nginx as a bare reverse proxy in front of the same mock provider, in ${effort.rounds} alternating rounds of one run; the median counts.
CPU is user and system time of all of a gateway's processes. Absolute figures depend on the machine and on what else it
does; ratios of one run do not, or hardly.

## Targets

${table(['What', 'Target', 'Measured', 'Result'], rows)}

## Gateways, one core

${table(
  [
    'Gateway',
    'Chat: CPU',
    '× nginx',
    'Chat/s',
    'Stream: CPU',
    '× nginx',
    'Streams/s',
    'Failures',
    'Start',
    'Idle',
    'Loaded',
  ],
  [nginxRow(sluice), ...[sluice, ...rivals].flatMap(gatewayRows)],
)}

A stream has 100 events without a pause, each written by itself, at ${effort.connections} connections. Start is until the first answer; memory is the proportional set size (PSS).
${absent.map(({ name, reason }) => `\n${name}: ${reason}.\n`).join('')}
## Chat with the provider behind TLS

${table(
  ['Gateway', 'CPU', '× nginx', 'Chat/s', 'Failures'],
  sluice.chatTls.map((row, index) => [
    index === 0 ? 'nginx' : `${sluice.name}, ${row.surface}`,
    microseconds(row),
    row.ratio.toFixed(2),
    row.perSecond.toFixed(0),
    String(row.failures),
  ]),
)}

## Providers with a wire format of their own

First an OpenAI client over /v1, for whom the gateway translates both ways; then the provider's own clients, whose bytes pass. nginx passes the provider's own bytes on.

${table(
  [
    'Provider',
    'Chat: CPU',
    '× nginx',
    'Stream: CPU',
    '× nginx',
    'Own clients, chat',
    '× nginx',
    'Stream',
    '× nginx',
    'Failures',
  ],
  translated.map(({ name, chat, stream, nativeChat, nativeStream }) => [
    name,
    ...[chat, stream, nativeChat, nativeStream].flatMap((row) =>
      row ? [microseconds(row), row.ratio.toFixed(2)] : ['–', '–'],
    ),
    String([chat, stream, nativeChat, nativeStream].reduce((sum, row) => sum + (row?.failures ?? 0), 0)),
  ]),
)}
`;
}

function targets({ sluice, concurrency, workers, translated, rivals }: Results): Target[] {
  const chat = own(sluice.chat).map((row) =>
    atMost(`CPU per chat request, ${row.surface}`, row.ratio, 2.5, ' × nginx'),
  );
  const streams = own(sluice.stream).map((row) =>
    atMost(`CPU per 100-event stream, ${row.surface}`, row.ratio, 1.3, ' × unbuffered nginx'),
  );
  return [
    ...chat,
    againstMlflow(sluice, rivals),
    ...streams,
    atMost('Start to first answer', sluice.startSeconds, 0.25, ' s', 3),
    atMost('Memory, idle', sluice.idleMegabytes, 70, ' MB', 0),
    atMost('Memory, under chat and stream load', sluice.loadMegabytes, 120, ' MB', 0),
    ...concurrencyTargets(concurrency),
    wholeness(sluice, concurrency),
    ...workersTargets(workers),
    ...translated.flatMap(({ name, chat, stream, nativeChat, nativeStream }) => [
      ...ofTranslation(name, chat, stream),
      ...passedOn(name, nativeChat, nativeStream),
    ]),
  ];
}

function ofTranslation(name: string, chat: Comparison | undefined, stream: Comparison | undefined): Target[] {
  if (chat === undefined || stream === undefined) return [];
  return [
    atMost(`CPU per translated chat request, ${name}`, chat.ratio, 4, ' × nginx'),
    atMost(`CPU per translated 100-event stream, ${name}`, stream.ratio, 2.5, ' × unbuffered nginx'),
  ];
}

function passedOn(name: string, chat: Comparison | undefined, stream: Comparison | undefined): Target[] {
  if (chat === undefined || stream === undefined) return [];
  return [
    atMost(`CPU per chat request of its own clients, ${name}`, chat.ratio, 2.5, ' × nginx'),
    atMost(`CPU per 100-event stream of its own clients, ${name}`, stream.ratio, 1.3, ' × unbuffered nginx'),
  ];
}

function atMost(what: string, value: number, limit: number, unit: string, digits = 2): Target {
  return { what, limit: `≤ ${limit}${unit}`, measured: `${value.toFixed(digits)}${unit}`, met: value <= limit };
}

function notMeasured(what: string, limit: string): Target {
  return { what, limit, measured: '–', met: null };
}

function concurrencyTargets(result: ConcurrencyResult | null): Target[] {
  if (result === null) return [notMeasured('Concurrent streams have all begun', '≤ 1.5 s')];
  return [
    atMost(`Memory, ${result.streams} streams open`, result.megabytes, 120, ' MB', 0),
    atMost(`${result.streams} concurrent streams have all begun`, result.lastBeganSeconds, 1.5, ' s'),
  ];
}

function workersTargets(result: WorkersResult | null): Target[] {
  const what = 'Two workers, CPU per request';
  if (result === null) return [notMeasured(what, '≤ 1.15 × one worker')];
  const spread = { what: 'Two workers, the less busy beside the busier', limit: '≥ 0.5' };
  return [
    atMost(what, result.ratio, 1.15, ' × one worker'),
    { ...spread, measured: result.spread.toFixed(2), met: result.spread >= 0.5 },
  ];
}

function againstMlflow(sluice: GatewayResult, rivals: readonly GatewayResult[]): Target {
  const what = "CPU per chat request beside MLflow's gateway";
  const [mlflow] = own(rivals.find(({ name }) => name.startsWith('MLflow'))?.chat ?? []);
  const [best] = own(sluice.chat);
  if (mlflow === undefined || best === undefined) return notMeasured(what, '≤ 1/20');
  const factor = mlflow.ratio / best.ratio;
  return { what, limit: '≤ 1/20', measured: `1/${factor.toFixed(0)}`, met: factor >= 20 };
}

function wholeness(sluice: GatewayResult, concurrency: ConcurrencyResult | null): Target {
  const rows = [...own(sluice.chat), ...own(sluice.chatTls), ...own(sluice.stream)];
  const failures = rows.reduce((sum, row) => sum + row.failures, concurrency?.broken ?? 0);
  return { what: 'Failed requests and broken streams', limit: '0', measured: String(failures), met: failures === 0 };
}

/** Without nginx's row, which comes first. */
function own(rows: readonly Comparison[]): readonly Comparison[] {
  return rows.slice(1);
}

function nginxRow({ chat, stream }: GatewayResult): string[] {
  return gatewayRow('nginx', chat[0], stream[0], ['–', '–', '–']);
}

function gatewayRows(gateway: GatewayResult): string[][] {
  const { name, startSeconds, idleMegabytes, loadMegabytes } = gateway;
  const size = [`${startSeconds.toFixed(2)} s`, `${idleMegabytes.toFixed(0)} MB`, `${loadMegabytes.toFixed(0)} MB`];
  const streams = own(gateway.stream);
  return own(gateway.chat).map((row, index) => gatewayRow(`${name}, ${row.surface}`, row, streams[index], size));
}

function gatewayRow(
  name: string,
  chat: Comparison | undefined,
  stream: Comparison | undefined,
  size: readonly string[],
): string[] {
  const cells = (row: Comparison | undefined): string[] =>
    row === undefined ? ['–', '–', '–'] : [microseconds(row), row.ratio.toFixed(2), row.perSecond.toFixed(0)];
  const failures = (chat?.failures ?? 0) + (stream?.failures ?? 0);
  return [name, ...cells(chat), ...cells(stream), String(failures), ...size];
}

function microseconds({ cpuMicroseconds }: Comparison): string {
  return `${cpuMicroseconds.toFixed(cpuMicroseconds < 100 ? 1 : 0)} µs`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
