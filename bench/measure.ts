import { join } from 'node:path';
import { type ChatLoadResult, loadChat } from './chat-load.ts';
import type { LoadTarget } from './gateway.ts';
import { LOAD_CORE, type MeasuredProcess } from './processes.ts';
import type { StreamLoad, StreamLoadResult } from './stream-load.ts';

/** How much load one pass makes. */
export interface Effort {
  readonly rounds: number;
  readonly chatSeconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
  readonly streams: number;
  readonly concurrentStreams: number;
  readonly coldStarts: number;
}

export const FULL: Effort = {
  rounds: 5,
  chatSeconds: 4,
  warmUpSeconds: 2,
  connections: 32,
  streams: 4_000,
  concurrentStreams: 2_000,
  coldStarts: 7,
};

export const QUICK: Effort = {
  ...FULL,
  rounds: 3,
  chatSeconds: 2,
  warmUpSeconds: 1,
  streams: 2_000,
  coldStarts: 3,
};

export interface Pass {
  /** CPU microseconds of the gateway per request, or per stream. */
  readonly cpuMicroseconds: number;
  readonly failures: number;
}

export interface ChatPass extends Pass, ChatLoadResult {
  /** CPU seconds that each thread of the gateway spent, the busiest first. */
  readonly cpuByThread: readonly number[];
}

export interface StreamPass extends Pass {
  readonly perSecond: number;
  readonly result: StreamLoadResult;
}

export async function chatPass(
  gateway: MeasuredProcess,
  target: LoadTarget,
  options: { readonly seconds: number; readonly connections: number; readonly folder: string; readonly cores?: string },
): Promise<ChatPass> {
  const before = gateway.cpuByThread();
  const began = gateway.cpuSeconds();
  const result = await loadChat({ target, cores: LOAD_CORE, ...options });
  const cpuMicroseconds = ((gateway.cpuSeconds() - began) / result.requests) * 1e6;
  const spent = [...gateway.cpuByThread()].map(([id, seconds]) => seconds - (before.get(id) ?? 0));
  return { ...result, cpuMicroseconds, cpuByThread: spent.sort((a, b) => b - a) };
}

export async function streamPass(
  gateway: MeasuredProcess,
  target: LoadTarget,
  options: { readonly streams: number; readonly connections: number; readonly events: number },
): Promise<StreamPass> {
  const began = gateway.cpuSeconds();
  const result = await loadStreams({ ...target, ...options });
  const cpu = gateway.cpuSeconds() - began;
  if (result.broken > 0) console.error(`  ${result.broken} broken streams of ${target.url}: ${result.sample}`);
  if (result.whole === 0) throw new Error(`No stream of ${target.url} arrived whole: ${result.sample}`);
  return {
    cpuMicroseconds: (cpu / result.whole) * 1e6,
    perSecond: result.whole / result.seconds,
    failures: result.broken,
    result,
  };
}

async function loadStreams(task: StreamLoad): Promise<StreamLoadResult> {
  const script = join(import.meta.dir, 'stream-load.ts');
  const command = ['taskset', '-c', LOAD_CORE, process.execPath, script, JSON.stringify(task)];
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`The streams of ${task.url} could not be loaded.`);
  return JSON.parse(output);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
