import type { RunningGateway, Surface } from './gateway.ts';
import { chatPass, type Effort, median, type Pass, streamPass } from './measure.ts';

/** What one surface of a gateway cost in alternating rounds beside nginx. */
export interface Comparison {
  readonly surface: string;
  /** Median over the rounds, CPU microseconds per request or stream. */
  readonly cpuMicroseconds: number;
  readonly perSecond: number;
  /** Median of each round's ratio to nginx in the same round; 1 for nginx itself. */
  readonly ratio: number;
  readonly failures: number;
}

type MeasuredPass = Pass & { readonly perSecond: number };

/** One kind of load: runs one pass against a surface, or null where the surface does not have it. */
export type Load = (gateway: RunningGateway, surface: Surface) => (() => Promise<MeasuredPass>) | null;

export function chatLoad(effort: Effort, folder: string, tls = false): Load {
  return ({ process }, surface) => {
    const target = tls ? surface.chatTls : surface.chat;
    if (target === undefined) return null;
    const { connections, chatSeconds: seconds } = effort;
    return () => chatPass(process, target, { seconds, connections, folder });
  };
}

export function streamLoad(effort: Effort): Load {
  const { connections, streams } = effort;
  return ({ process }, { stream }) =>
    () =>
      streamPass(process, stream, { streams, connections, events: 100 });
}

/**
 * Runs nginx, then every surface of the gateway, then nginx again…: what else the machine does meanwhile meets both.
 * The first round warms up and does not count.
 */
export async function alternate(
  nginx: RunningGateway,
  gateway: RunningGateway,
  load: Load,
  rounds: number,
): Promise<Comparison[]> {
  const contestants = [nginx, gateway].flatMap((running) =>
    running.surfaces.flatMap((surface) => {
      const pass = load(running, surface);
      return pass === null ? [] : [{ surface: surface.name, pass, results: [] as MeasuredPass[] }];
    }),
  );
  for (let round = 0; round <= rounds; round += 1) {
    for (const { surface, pass, results } of contestants) {
      const result = await pass();
      const kind = round === 0 ? 'warm-up' : `round ${round}`;
      console.log(`  ${kind}, ${surface}: ${result.cpuMicroseconds.toFixed(1)} µs, ${result.failures} failures`);
      if (round > 0) results.push(result);
    }
  }
  const reference = contestants[0]?.results ?? [];
  return contestants.map(({ surface, results }) => ({
    surface,
    cpuMicroseconds: median(results.map((result) => result.cpuMicroseconds)),
    perSecond: median(results.map((result) => result.perSecond)),
    ratio: median(
      results.map((result, round) => result.cpuMicroseconds / (reference[round]?.cpuMicroseconds ?? Number.NaN)),
    ),
    failures: results.reduce((sum, { failures }) => sum + failures, 0),
  }));
}
