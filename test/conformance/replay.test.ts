import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isJsonObject } from '../../src/core/types.ts';
import { type RecordedAnswer, type RecordedCase, type RecordedRequest, readCases } from './cases.ts';
import { differences, exactDifferences } from './compare.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import { AUTHORITY_FILE, type Recorder, startRecorder } from './recorder.ts';
import { serviceAccount } from './service-account.ts';
import { assemble, readEvents } from './stream.ts';

const cases = await readCases();

describe("MLflow's recorded behaviour", () => {
  let folder: string;
  let recorder: Recorder;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-replay-'));
    recorder = await startRecorder();
    const configPath = join(folder, 'config.yaml');
    const endpoints = cases.map((recorded, index) => ({ name: `case-${index}`, ...recorded.endpoint }));
    const text = JSON.stringify({ endpoints }).replaceAll('"{service_account}"', JSON.stringify(serviceAccount()));
    await Bun.write(configPath, text);
    gateway = await startGateway({ configPath, environment: proxyEnvironment(recorder.proxyUrl) });
  }, 30_000);

  afterAll(async () => {
    await gateway?.stop();
    await recorder?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [index, recorded] of cases.entries()) {
    test(recorded.name, async () => {
      recorder.expect(recorded.upstream_answer);
      const answer = await send(gateway.url, `case-${index}`, recorded);
      const body = await answer.text();
      const upstream = JSON.stringify(recorded.upstream_answer ?? null);

      expect(answerDifferences(recorded.answer, answer.status, body, upstream)).toEqual([]);
      expect(requestDifferences(recorded, recorder.received)).toEqual([]);
    });
  }
});

/** Sends every upstream call to the recorder, even those to localhost. */
function proxyEnvironment(proxy: string): Record<string, string> {
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: '',
    no_proxy: '',
    NODE_EXTRA_CA_CERTS: AUTHORITY_FILE,
    SSL_CERT_FILE: AUTHORITY_FILE,
  };
}

function send(url: string, endpoint: string, recorded: RecordedCase): Promise<Response> {
  const onMlflowSurface = recorded.path === undefined;
  return fetch(url + (recorded.path ?? `/gateway/${endpoint}/invocations`), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(onMlflowSurface ? recorded.request : { ...recorded.request, model: endpoint }),
    proxy: '',
  });
}

function answerDifferences(expected: RecordedAnswer, status: number, body: string, upstream: string): string[] {
  if (expected === 'answer or JSON error') return status === 200 || isErrorBody(body) ? [] : [`${status}: ${body}`];
  if (status !== expected.status) return [`status ${status}, expected ${expected.status}: ${body}`];
  if (status !== 200) return isErrorBody(body) ? [] : [`error without a detail: ${body}`];
  if (expected.stream === undefined) return differences(expected.body, JSON.parse(body), 'body', upstream);
  const whole = assemble(readEvents(expected.stream.replaceAll('<now>', '0')));
  return differences(whole, assemble(readEvents(body)), 'stream', upstream);
}

function isErrorBody(body: string): boolean {
  const error: unknown = JSON.parse(body);
  return isJsonObject(error) && Boolean(error.detail ?? error.error ?? error.message);
}

function requestDifferences(recorded: RecordedCase, received: readonly RecordedRequest[]): string[] {
  const expected = recorded.upstream_requests;
  if (expected === undefined) return [];
  if (received.length !== expected.length) return [`${received.length} upstream calls, expected ${expected.length}`];
  return expected.flatMap((request, index) => {
    const actual = received[index];
    return actual === undefined ? [] : oneRequestDifferences(request, actual, recorded.richer_upstream_body === true);
  });
}

function oneRequestDifferences(expected: RecordedRequest, actual: RecordedRequest, richer: boolean): string[] {
  const line = ({ method, url }: RecordedRequest): string => `${method} ${url.replaceAll('%3A', ':')}`;
  const found = line(actual) === line(expected) ? [] : [`${line(actual)}, expected ${line(expected)}`];
  for (const [name, value] of Object.entries(expected.headers)) {
    if (!isHeader(actual.headers[name], value))
      found.push(`header ${name}: ${actual.headers[name]}, expected ${value}`);
  }
  return richer ? found : [...found, ...exactDifferences(expected.body, actual.body, 'upstream body')];
}

/** A signature is another one each time: what it is made for is what counts. */
function isHeader(actual: string | undefined, recorded: string): boolean {
  if (recorded !== 'AWS4-HMAC-SHA256 <sigv4 bedrock>') return actual === recorded;
  return /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/us-east-1\/bedrock\/aws4_request, /.test(actual ?? '');
}
