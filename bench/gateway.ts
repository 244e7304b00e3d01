import type { MeasuredProcess } from './processes.ts';

/** Base URLs without `/v1`, all on 127.0.0.1. */
export interface Upstreams {
  readonly chat: string;
  /** The same chat upstream behind TLS, with the certificate of the tests. */
  readonly chatTls: string;
  /** 100 events without a pause, each written by itself. */
  readonly stream: string;
  /** The events of a stream come slowly, so that many streams are open at once. */
  readonly paced: string;
}

/** One request, sent over and over. */
export interface LoadTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The ways into one gateway: the same work asked for over one of its APIs. */
export interface Surface {
  readonly name: string;
  readonly chat: LoadTarget;
  readonly stream: LoadTarget;
  /** Only where they are measured. */
  readonly chatTls?: LoadTarget;
  readonly paced?: LoadTarget;
}

export interface RunningGateway {
  readonly process: MeasuredProcess;
  /** Where it listens. */
  readonly url: string;
  readonly surfaces: readonly Surface[];
}

export interface StartOptions {
  readonly upstreams: Upstreams;
  /** As `taskset` takes them. */
  readonly cores: string;
  readonly workers: number;
  /** Where the gateway may write its configuration. */
  readonly folder: string;
  /** Of an MLflow configuration file, instead of the usual one. */
  readonly configuration?: string;
}

/** A gateway that can be measured. Each is one file in `gateways/`. */
export interface Gateway {
  readonly name: string;
  /** Why it cannot be measured on this machine, or null. */
  missing(): string | null;
  start(options: StartOptions): Promise<RunningGateway>;
}

const CHAT = {
  messages: [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: 'How does a canal lock work, and who built the first one? Answer in two sentences.' },
  ],
  temperature: 0.7,
  max_tokens: 256,
};

/** The body of a chat request; `model` is absent on surfaces that name the endpoint in the URL. */
export function chatBody(model?: string): string {
  return JSON.stringify(model === undefined ? CHAT : { model, ...CHAT });
}

export function streamBody(model?: string): string {
  const body = { stream: true, messages: [{ role: 'user', content: 'Tell me a story.' }], max_tokens: 256 };
  return JSON.stringify(model === undefined ? body : { model, ...body });
}

export function target(url: string, body: string, headers: Readonly<Record<string, string>> = {}): LoadTarget {
  return { url, body, headers: { 'content-type': 'application/json', authorization: 'Bearer sk-test', ...headers } };
}
