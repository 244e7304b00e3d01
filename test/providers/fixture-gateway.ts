import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { Definition } from '../../src/core/ledger/definition.ts';
import type { Operation } from '../../src/core/types.ts';
import { anthropic } from '../../src/dialects/anthropic/index.ts';
import { type Dialect, PLAIN_PATH } from '../../src/dialects/dialect.ts';
import { mlflow } from '../../src/dialects/mlflow/index.ts';
import { openai } from '../../src/dialects/openai/index.ts';
import { responses } from '../../src/dialects/responses/index.ts';
import { compileSnapshot } from '../../src/gateway/compile.ts';
import type { Exchange, Incoming } from '../../src/gateway/exchange.ts';
import { handle } from '../../src/gateway/pipeline.ts';
import type { Snapshot } from '../../src/gateway/snapshot.ts';
import { CounterTable, createCounterMemory } from '../../src/policies/limits/counter-table.ts';
import { providers } from '../../src/providers/index.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { RecordedAnswer } from '../support/recorded-answer.ts';
import { NO_RECORDER } from '../support/recorder.ts';
import type { NamedFixture } from './fixture.ts';
import type { PlayedBytes } from './frames.ts';
import { PlayedTransport, type SentRequest } from './played-transport.ts';

const DIALECTS: Readonly<Record<NamedFixture['surface'], Dialect>> = {
  mlflow,
  openai,
  anthropic,
  responses,
};
const ENDPOINT = 'fixture';

export interface Outcome {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly sent: readonly SentRequest[];
  readonly exchange: Exchange;
}

/** The gateway from decoding to encoding, with one endpoint, that of a fixture, and no network. */
export class FixtureGateway {
  readonly #transport = new PlayedTransport();
  readonly #snapshot: Snapshot;
  readonly #fixture: NamedFixture;
  readonly #text: string;

  constructor(fixture: NamedFixture) {
    this.#fixture = fixture;
    this.#snapshot = compileSnapshot(loadEndpoint(fixture), {
      transport: this.#transport,
      limits: new CounterTable(createCounterMemory(1)),
      metrics: new Metrics(),
      recorder: NO_RECORDER,
    });
    const namesEndpoint = fixture.surface !== 'mlflow';
    this.#text = JSON.stringify(namesEndpoint ? { model: ENDPOINT, ...fixture.request } : fixture.request);
  }

  /** Whether the provider has a wire format of its own, so that the gateway writes the answers. */
  get translates(): boolean {
    return this.#snapshot.endpoints[0]?.upstreams.openai.kind === 'translate';
  }

  /** Whether the gateway itself fetches what a client gives by URL. */
  get fetchesMedia(): boolean {
    const upstream = this.#snapshot.endpoints[0]?.upstreams.openai;
    return upstream?.kind === 'translate' && upstream.inlineMedia !== null;
  }

  async ask(played: readonly PlayedBytes[]): Promise<Outcome> {
    this.#transport.play(played);
    let ended: Exchange | null = null;
    let inside: unknown;
    const answer = new RecordedAnswer();
    await handle(this.#snapshot, Object.assign(answer, this.#incoming()), {
      failed: (_, error) => {
        inside = error.code === 'internal' ? error.cause : undefined;
      },
      ended: (exchange) => {
        ended = exchange;
      },
    });
    const body = await answer.body;
    const { status, headers } = answer;
    if (inside) throw inside;
    if (!ended) throw new Error('The exchange has not ended with its answer.');
    return { status, headers, body, sent: this.#transport.sent, exchange: ended };
  }

  #incoming(): Omit<Incoming, keyof RecordedAnswer> {
    const { surface, endpoint } = this.#fixture;
    const text = this.#text;
    return {
      dialect: DIALECTS[surface],
      operation: endpoint.endpoint_type.replace('llm/v1/', '') as Operation,
      path: PLAIN_PATH,
      headerPolicy: 'known',
      headerFields: () => [],
      callable: surface === 'mlflow' ? (this.#snapshot.callables.get(ENDPOINT) ?? null) : null,
      text: '',
      isJson: true,
      read: () => Promise.resolve(text),
      caller: { address: () => '192.0.2.1', header: () => null },
      bodyBytes: Buffer.byteLength(text),
      callerMembers: () => new Definition(''),
      startedAt: performance.now(),
    };
  }
}

function loadEndpoint({ name, endpoint }: NamedFixture) {
  const text = JSON.stringify({ endpoints: [{ name: ENDPOINT, ...endpoint }] });
  try {
    return loadConfig({ path: name, text, environment: {}, providers }).config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Error(
      `The endpoint of the fixture is not valid: ${error.problems.map(({ message }) => message).join('; ')}`,
    );
  }
}
