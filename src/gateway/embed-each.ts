import { GatewayError } from '../core/errors.ts';
import { Changes } from '../core/neutral/changes.ts';
import type { NeutralEmbeddingsResponse } from '../core/neutral/response.ts';
import { addUsage } from '../core/neutral/usage.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import type { Attempt } from '../upstream/port.ts';
import { MOST_ATTEMPTS, type PartialAttempt } from './attempts.ts';
import { noteChanges } from './changes.ts';
import type { Exchange } from './exchange.ts';
import { send } from './send.ts';
import type { Endpoint, Translation } from './snapshot.ts';
import { asGatewayError, errorAnswer, scrubError } from './upstream-errors.ts';
import { MAX_ANSWER_BYTES, neutralAnswer, readAnswer } from './whole-answer.ts';

/** How many calls of one request run at the same time. */
const AT_ONCE = 8;

/**
 * Embeds inputs at an upstream that takes one at a time: several calls, one answer with the embeddings in the order of
 * the inputs and the usage of all. The first call that fails ends the others.
 */
export async function embedEach(
  exchange: Exchange,
  endpoint: Endpoint,
  upstream: Translation,
  request: CheckedRequest,
): Promise<string> {
  exchange.upstream = upstream;
  const calls = new Calls(exchange, upstream, encodeEach(exchange, endpoint, upstream, request));
  exchange.attempt = calls;
  exchange.incoming.onClientGone = () => exchange.abandon();
  exchange.upstreamStartedAt = performance.now();
  const startedAt = exchange.upstreamStartedAt;
  const responses = await calls.run();
  exchange.upstreamStartedAt = startedAt;
  exchange.upstreamEndedAt = performance.now();
  return neutralAnswer(exchange, endpoint, request, join(responses));
}

/** The body of each call; all are made before the first is sent, so that a refusal costs nothing. */
function encodeEach(exchange: Exchange, endpoint: Endpoint, { wire }: Translation, request: CheckedRequest): string[] {
  const { dialect, operation } = exchange.incoming;
  const neutral = dialect.decode(operation, request, endpoint.context);
  if (neutral.operation !== 'embeddings') throw new Error('only embeddings are asked for one input at a time');
  const changes = new Changes();
  const bodies = neutral.input.map((input) => JSON.stringify(wire.encode({ ...neutral, input: [input] }, changes)));
  noteChanges(exchange, endpoint, changes, () => dialect.fieldNames?.(operation, request, endpoint.context));
  return bodies;
}

class Calls {
  readonly #exchange: Exchange;
  readonly #upstream: Translation;
  readonly #bodies: readonly string[];
  readonly #responses: NeutralEmbeddingsResponse[] = [];
  readonly #running = new Set<Attempt>();
  #next = 0;
  #isOver = false;

  constructor(exchange: Exchange, upstream: Translation, bodies: readonly string[]) {
    this.#exchange = exchange;
    this.#upstream = upstream;
    this.#bodies = bodies;
  }

  /** The responses in the order of the bodies. Rejects with the first failure. */
  async run(): Promise<readonly NeutralEmbeddingsResponse[]> {
    const lanes = Array.from({ length: Math.min(AT_ONCE, this.#bodies.length) }, () => this.#lane());
    try {
      await Promise.all(lanes);
      return this.#responses;
    } catch (error) {
      this.cancel();
      throw error;
    }
  }

  cancel(): void {
    this.#isOver = true;
    for (const attempt of this.#running) attempt.cancel();
  }

  async #lane(): Promise<void> {
    while (!this.#isOver && this.#next < this.#bodies.length) {
      const index = this.#next;
      this.#next += 1;
      this.#responses[index] = await this.#call(this.#bodies[index] ?? '');
    }
  }

  async #call(body: string): Promise<NeutralEmbeddingsResponse> {
    const startedAt = performance.now();
    const attempt = send(this.#exchange, this.#upstream, this.#upstream.whole, body);
    this.#running.add(attempt);
    let firstByteAt = 0;
    let status: number | null = null;
    let failure: GatewayError | null = null;
    try {
      const response = await attempt.response;
      firstByteAt = performance.now();
      status = response.status;
      if (this.#exchange.firstByteAt === 0) this.#exchange.received(response);
      if (response.status < 200 || response.status > 299) throw await errorAnswer(response, this.#upstream);
      const answer = readAnswer(this.#upstream, response, await response.text(MAX_ANSWER_BYTES));
      if (answer.operation === 'embeddings') return answer;
      throw new GatewayError('upstream_invalid', 'The upstream answered with something else than an embedding.');
    } catch (error) {
      failure = scrubError(asGatewayError(error), this.#exchange);
      throw error;
    } finally {
      this.#running.delete(attempt);
      this.#note({ startedAt, firstByteAt, status, connect: attempt.connectTime ?? null, error: failure });
    }
  }

  #note(call: Omit<PartialAttempt, 'cause' | 'endedAt'>): void {
    this.#exchange.attempts ??= [];
    const { attempts } = this.#exchange;
    if (attempts.length >= MOST_ATTEMPTS) return;
    attempts.push({ ...call, cause: attempts.length === 0 ? 'first' : 'part', endedAt: performance.now() });
  }
}

function join(responses: readonly NeutralEmbeddingsResponse[]): NeutralEmbeddingsResponse {
  const usages = responses.flatMap(({ usage }) => usage ?? []);
  const [first] = responses;
  return {
    operation: 'embeddings',
    model: first?.model ?? null,
    embeddings: responses.flatMap(({ embeddings }) => embeddings),
    usage: usages.length > 0 ? usages.reduce(addUsage) : null,
    ...(first?.rest && { rest: first.rest }),
  };
}
