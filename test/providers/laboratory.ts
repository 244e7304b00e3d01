import type { JsonObject } from '../../src/core/types.ts';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import type { NamedFixture } from './fixture.ts';
import { type PlayedBytes, playedBytes } from './frames.ts';
import {
  AUTHORITY_FILE,
  type MockRequest,
  type MockUpstream,
  type Script,
  startMockUpstream,
} from './mock-upstream.ts';
import type { Subject } from './subject.ts';

export const FIRST_BYTE_TIMEOUT_MILLISECONDS = 1500;

/** One gateway as a process of its own, with an endpoint for each probe, and the mock behind it. */
export class Laboratory {
  readonly #probes: Probe[] = [];
  #mock: MockUpstream | null = null;
  #gateway: GatewayProcess | null = null;

  /** To be called before the start. What the mock does is made of the response that the fixture shows. */
  probe(subject: Subject, purpose: string, fixture: NamedFixture, script: (played: PlayedBytes) => Script): Probe {
    const probe = new Probe(this, subject, purpose, fixture, script);
    this.#probes.push(probe);
    return probe;
  }

  async start(): Promise<void> {
    const mock = await startMockUpstream();
    this.#mock = mock;
    const endpoints = this.#probes.map(({ name, subject, fixture, script }) => {
      mock.scripts.set(name, script);
      return subject.endpoint(name, fixture, mock.base(name));
    });
    this.#gateway = await startProcess({
      config: { endpoints, upstream: { first_byte_timeout: `${FIRST_BYTE_TIMEOUT_MILLISECONDS}ms` } },
      environment: { NODE_EXTRA_CA_CERTS: AUTHORITY_FILE },
    });
  }

  async stop(): Promise<void> {
    await this.#gateway?.kill();
    this.#mock?.stop();
  }

  get url(): string {
    return this.#gateway?.url ?? '';
  }

  requestsOf(name: string): readonly MockRequest[] {
    return this.#mock?.requests.get(name) ?? [];
  }
}

/** One endpoint of the gateway, and what the mock does when it is called. */
export class Probe {
  readonly name: string;
  readonly subject: Subject;
  readonly fixture: NamedFixture;
  readonly script: Script;
  readonly #laboratory: Laboratory;
  readonly #abort = new AbortController();

  constructor(
    laboratory: Laboratory,
    subject: Subject,
    purpose: string,
    fixture: NamedFixture,
    script: (played: PlayedBytes) => Script,
  ) {
    const [response] = fixture.upstreamResponse;
    if (!response) throw new Error(`${fixture.name} has no upstream response`);
    this.name = `${subject.provider.name}.${purpose}`;
    this.subject = subject;
    this.fixture = fixture;
    this.script = script(playedBytes(response));
    this.#laboratory = laboratory;
  }

  /** Sends the fixture's request to this endpoint. */
  ask(): Promise<Response> {
    const { request, endpoint, surface } = this.fixture;
    const operation = endpoint.endpoint_type.replace('llm/v1/', '');
    const onOpenai = surface === 'openai';
    const path = onOpenai
      ? `/v1/${operation === 'chat' ? 'chat/completions' : operation}`
      : `/gateway/${this.name}/invocations`;
    const body: JsonObject = onOpenai ? { model: this.name, ...request } : request;
    return fetch(this.#laboratory.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: this.#abort.signal,
      proxy: '',
    });
  }

  /** The client goes away. */
  leave(): void {
    this.#abort.abort();
  }

  /** What came to the mock. */
  get upstreamRequests(): readonly MockRequest[] {
    return this.#laboratory.requestsOf(this.name);
  }

  /** Waits for the mock to be asked. */
  async asked(): Promise<MockRequest> {
    for (;;) {
      const [request] = this.upstreamRequests;
      if (request) return request;
      await Bun.sleep(2);
    }
  }
}
