import {
  type Attempt,
  type RelayTransport,
  type Timeouts,
  type Transport,
  UpstreamError,
  type UpstreamResponse,
} from '../port.ts';

export interface TransportOptions {
  /** PEM certificates to trust. */
  readonly certificateAuthorities?: string;
}

/** What a file of the conformance suite gets to write its cases with. */
export interface Suite {
  /** A transport that is closed when the case ends. */
  transport(options?: TransportOptions): RelayTransport;
  /** Registers a case, or skips it where the implementation gives a reason. */
  check(title: string, body: () => Promise<void>): void;
}

/** Long enough that no case meets one by accident. */
export const PATIENT: Timeouts = { connect: 30_000, firstByte: 30_000, idle: 30_000, total: 60_000 };

export function post(
  transport: Transport,
  url: string,
  body: string | Uint8Array = '{}',
  timeouts: Timeouts = PATIENT,
): Attempt {
  return transport
    .prepare({ method: 'POST', url, headers: [['content-type', 'application/json']] }, timeouts)
    .send(body);
}

export async function bodyText(response: UpstreamResponse): Promise<string> {
  return Buffer.from(await response.bytes(1e9)).toString('latin1');
}

/** The whole body through `read`, as it comes. */
export async function readText(response: UpstreamResponse): Promise<string> {
  let text = '';
  for (let bytes = await response.read(); bytes !== null; bytes = await response.read()) {
    text += Buffer.from(bytes).toString('latin1');
  }
  return text;
}

/** The error that a promise rejects with; an Error where it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<UpstreamError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  throw new Error('The promise was to reject with an UpstreamError, but it did not.');
}

/** Waits for a condition, and fails after ten seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited ten seconds for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Lets what was written before reach its reader, so that what is written next arrives by itself. */
export async function turn(): Promise<void> {
  for (let count = 0; count < 3; count++) await new Promise((resolve) => setImmediate(resolve));
}
