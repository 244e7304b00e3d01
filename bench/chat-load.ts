import { join } from 'node:path';
import type { LoadTarget } from './gateway.ts';

export interface ChatLoad {
  readonly target: LoadTarget;
  readonly seconds: number;
  readonly connections: number;
  readonly cores: string;
  readonly folder: string;
}

export interface ChatLoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers other than 2xx and 3xx, and socket errors. */
  readonly failures: number;
}

/** Sends one request over and over with `wrk` (https://github.com/wg/wrk). */
export async function loadChat({ target, seconds, connections, cores, folder }: ChatLoad): Promise<ChatLoadResult> {
  const script = join(folder, 'chat.lua');
  const headers = Object.entries(target.headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  await Bun.write(script, [`wrk.method = "POST"`, ...headers, `wrk.body = [==[${target.body}]==]`].join('\n'));
  const settings = ['-t', '1', '-c', String(connections), '-d', String(seconds), '--latency', '--timeout', '10'];
  const wrk = Bun.spawn(['taskset', '-c', cores, 'wrk', ...settings, '-s', script, target.url], { stdout: 'pipe' });
  const report = await new Response(wrk.stdout).text();
  const requests = Number(/(\d+) requests in/.exec(report)?.[1] ?? 0);
  if (requests === 0) throw new Error(`No request to ${target.url} was answered:\n${report}`);
  const statuses = Number(/Non-2xx or 3xx responses: (\d+)/.exec(report)?.[1] ?? 0);
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(report);
  return {
    requests,
    perSecond: Number(/Requests\/sec:\s+(\S+)/.exec(report)?.[1] ?? 0),
    p50: percentile(report, 50),
    p99: percentile(report, 99),
    failures: (socketErrors ?? []).slice(1).reduce((sum, errors) => sum + Number(errors), statuses),
  };
}

/** wrk writes `99%    1.20ms`. */
function percentile(report: string, rank: number): number {
  const [, value, unit] = new RegExp(`^\\s+${rank}%\\s+([\\d.]+)(us|ms|s)\\s*$`, 'm').exec(report) ?? [];
  const factor = { us: 0.001, ms: 1, s: 1000 }[unit ?? 'ms'] ?? 1;
  return Number(value ?? 0) * factor;
}
