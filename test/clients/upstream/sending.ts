import type { JsonObject } from '../../../src/core/types.ts';
import type { Reply } from './script.ts';

/** A request as it arrived at the mock. */
export interface Arrived {
  readonly vendor: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: JsonObject;
}

/** What the mock saw: who left, and the last requests. */
export class Watch {
  readonly requests: Arrived[] = [];
  readonly #gone = new Set<string>();

  seen(request: Arrived): void {
    this.requests.push(request);
    if (this.requests.length > 50) this.requests.shift();
  }

  left(key: string): void {
    this.#gone.add(key);
  }

  hasLeft(key: string): boolean {
    return this.#gone.has(key);
  }

  answer(key: string): Response {
    return Response.json({ gone: this.hasLeft(key) });
  }
}

const PAUSE = 25;
/** Long enough that nobody takes an answer's own end for the client's leave. */
const PATIENCE = 20_000;

/** Sends events in pieces that follow the network's whims rather than the events' bounds. */
export function streamed(
  { manner }: Reply,
  events: Iterable<string | Uint8Array>,
  type: string,
  left: () => void,
): Response {
  const bytes = [...events].map((event) => Buffer.from(event as string));
  const whole = Buffer.concat(manner === 'breaking off' ? bytes.slice(0, -2) : bytes);
  let gone = false;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      if (manner === 'slowly') {
        const deadline = performance.now() + PATIENCE;
        // All but the end, so that nobody has to wait for a first piece.
        for (const event of bytes.slice(0, -3)) controller.enqueue(event);
        while (!gone && performance.now() < deadline) await Bun.sleep(PAUSE);
        if (gone) return;
      } else {
        const half = Math.floor(whole.length / 2);
        controller.enqueue(whole.subarray(0, half));
        await Bun.sleep(1);
        controller.enqueue(whole.subarray(half));
      }
      controller.close();
    },
    cancel() {
      gone = true;
      left();
    },
  });
  return new Response(body, { headers: { 'content-type': type } });
}

export async function answerWhole(
  { manner }: Reply,
  answer: JsonObject,
  request: Request,
  left: () => void,
): Promise<Response> {
  if (manner === 'slowly') {
    const deadline = performance.now() + PATIENCE;
    while (!request.signal.aborted && performance.now() < deadline) await Bun.sleep(PAUSE);
    if (request.signal.aborted) left();
  }
  return Response.json(answer);
}
