import type { Gateway, LoadTarget, RunningGateway, StartOptions } from './gateway.ts';
import { chatPass, type Effort, median, streamPass } from './measure.ts';
import { BOTH_CORES, GATEWAY_CORE } from './processes.ts';
import { alternate, type Comparison, chatLoad, streamLoad } from './rounds.ts';

export type Bench = Pick<StartOptions, 'upstreams' | 'folder'> & { readonly effort: Effort };

/** Everything measured of one gateway on one core. The first row of each list is nginx. */
export interface GatewayResult {
  readonly name: string;
  readonly startSeconds: number;
  readonly idleMegabytes: number;
  readonly loadMegabytes: number;
  readonly chat: readonly Comparison[];
  readonly chatTls: readonly Comparison[];
  readonly stream: readonly Comparison[];
}

export interface ConcurrencyResult {
  readonly streams: number;
  readonly broken: number;
  /** Until the last stream had its first byte. */
  readonly lastBeganSeconds: number;
  readonly megabytes: number;
}

export interface WorkersResult {
  /** CPU per request with two workers, over that with one worker; both may use both cores, the load too. */
  readonly ratio: number;
  /** CPU of the second busiest thread over that of the busiest: 1 when the requests spread evenly. */
  readonly spread: number;
}

function onOneCore({ upstreams, folder }: Bench): StartOptions {
  return { upstreams, folder, cores: GATEWAY_CORE, workers: 1 };
}

/** Measures a gateway beside nginx, both of them up all the time and loaded in turns. */
export async function measureGateway(bench: Bench, nginx: RunningGateway, gateway: Gateway): Promise<GatewayResult> {
  const { effort, folder } = bench;
  const starts: number[] = [];
  for (let attempt = 1; attempt < effort.coldStarts; attempt += 1) {
    const { process } = await gateway.start(onOneCore(bench));
    starts.push(process.startSeconds);
    await process.stop();
  }
  const running = await gateway.start(onOneCore(bench));
  starts.push(running.process.startSeconds);
  try {
    await Bun.sleep(2_000);
    const idleMegabytes = running.process.memoryMegabytes();
    const chat = await alternate(nginx, running, chatLoad(effort, folder), effort.rounds);
    const afterChat = running.process.memoryMegabytes();
    const stream = await alternate(nginx, running, streamLoad(effort), effort.rounds);
    const afterStreams = running.process.memoryMegabytes();
    const offersTls = running.surfaces.some(({ chatTls }) => chatTls !== undefined);
    const chatTls = offersTls ? await alternate(nginx, running, chatLoad(effort, folder, true), effort.rounds) : [];
    const loadMegabytes = Math.max(afterChat, afterStreams, running.process.memoryMegabytes());
    return { name: gateway.name, startSeconds: median(starts), idleMegabytes, loadMegabytes, chat, chatTls, stream };
  } finally {
    await running.process.stop();
  }
}

/** Opens many streams at once, whose events come slowly, so that all are open together. */
export async function measureConcurrency(bench: Bench, gateway: Gateway): Promise<ConcurrencyResult> {
  const { concurrentStreams: streams } = bench.effort;
  const { process, surfaces } = await gateway.start(onOneCore(bench));
  try {
    const target = surfaces.find(({ paced }) => paced !== undefined)?.paced;
    if (target === undefined) throw new Error(`${gateway.name} has no endpoint for slow streams.`);
    let megabytes = 0;
    const watch = setInterval(() => {
      megabytes = Math.max(megabytes, process.memoryMegabytes());
    }, 500);
    const { result } = await streamPass(process, target, { streams, connections: streams, events: 8 }).finally(() =>
      clearInterval(watch),
    );
    return { streams, broken: result.broken, lastBeganSeconds: result.lastBeganAfter / 1000, megabytes };
  } finally {
    await process.stop();
  }
}

/** Compares two workers with one, in turns, with both cores for everybody. */
export async function measureWorkers(bench: Bench, gateway: Gateway): Promise<WorkersResult> {
  const { effort, folder } = bench;
  const start = (workers: number): Promise<RunningGateway> =>
    gateway.start({ ...onOneCore(bench), cores: BOTH_CORES, workers });
  const [one, two] = [await start(1), await start(2)];
  const load = { seconds: effort.chatSeconds, connections: 64, folder, cores: BOTH_CORES };
  const ratios: number[] = [];
  const spreads: number[] = [];
  try {
    await chatPass(one.process, chatOf(one), { ...load, seconds: effort.warmUpSeconds });
    await chatPass(two.process, chatOf(two), { ...load, seconds: effort.warmUpSeconds });
    for (let round = 0; round < effort.rounds; round += 1) {
      const single = await chatPass(one.process, chatOf(one), load);
      const double = await chatPass(two.process, chatOf(two), load);
      const [busiest = Number.NaN, second = 0] = double.cpuByThread;
      ratios.push(double.cpuMicroseconds / single.cpuMicroseconds);
      spreads.push(second / busiest);
    }
  } finally {
    await Promise.all([one.process.stop(), two.process.stop()]);
  }
  return { ratio: median(ratios), spread: median(spreads) };
}

function chatOf({ surfaces }: RunningGateway): LoadTarget {
  const [first] = surfaces;
  if (first === undefined) throw new Error('A gateway has no surface.');
  return first.chat;
}
