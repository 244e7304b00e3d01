import { describe, expect, test } from 'bun:test';
import type { Usage } from '../../src/core/neutral/usage.ts';
import type { JsonObject } from '../../src/core/types.ts';
import { assemble } from './assemble.ts';
import { differences } from './compare.ts';
import { type ExpectedRequest, type NamedFixture, readFixtures } from './fixture.ts';
import { FixtureGateway, type Outcome } from './fixture-gateway.ts';
import { cutShort, type PlayedBytes, playedBytes } from './frames.ts';
import { secretsOf } from './secrets.ts';

/** Streams up to here are cut at every byte, longer ones at every seventh. */
const SHORT_STREAM_BYTES = 4096;
const CUT_TEST_MILLISECONDS = 60_000;

for (const fixture of await readFixtures()) {
  describe(fixture.name, () => {
    test('the client and the provider get what the fixture says', async () => {
      const played = fixture.upstreamResponse.map(playedBytes);
      const outcome = await new FixtureGateway(fixture).ask(played);

      expect(requestDifferences(fixture, outcome)).toEqual([]);
      expect(answerDifferences(fixture, outcome)).toEqual([]);
      expect(changed(outcome)).toEqual([...fixture.changed].sort());
      if (fixture.usage) expect(bucketsOf(outcome.exchange.usage)).toEqual(fixture.usage);
      for (const secret of secretsOf(fixture.endpoint.model)) {
        expect(outcome.body + JSON.stringify(outcome.headers.toJSON())).not.toContain(secret);
      }
    });

    const [response] = fixture.upstreamResponse;
    if (!response || !(response.stream || response.frames)) return;

    test(
      'a stream is the same to the client wherever its bytes are cut',
      async () => {
        const gateway = new FixtureGateway(fixture);
        const played = playedBytes(response);
        const bytes = Buffer.concat(played.pieces);
        const whole = clientBytes(await gateway.ask([played]), bytes);
        for (const [cut, pieces] of cuts(bytes)) {
          const outcome = clientBytes(await gateway.ask([{ ...played, pieces }]), bytes);
          if (outcome !== whole) expect(`cut ${cut}: ${outcome}`).toBe(`cut ${cut}: ${whole}`);
        }
      },
      CUT_TEST_MILLISECONDS,
    );

    const missing = fixture.endsWithBody ? 'all but one' : 'the last';
    const short = cutShort(response, missing);
    if (!short || fixture.status !== 200 || fixture.assembled?.error) return;

    test(`a stream without ${missing} of its events ends in an error`, async () => {
      const outcome = await new FixtureGateway(fixture).ask([playedBytes(short)]);
      const isError = outcome.status >= 400 || assemble(outcome.body).error !== undefined;
      expect(isError ? 'an error' : outcome.body).toBe('an error');
    });
  });
}

/** Byte by byte, and in two pieces. */
function* cuts(bytes: Uint8Array): Generator<readonly [name: string, pieces: PlayedBytes['pieces']]> {
  yield ['at every byte', Array.from(bytes, (byte) => Uint8Array.of(byte))];
  const step = bytes.length > SHORT_STREAM_BYTES ? 7 : 1;
  for (let at = 1; at < bytes.length; at += step) yield [`at byte ${at}`, [bytes.subarray(0, at), bytes.subarray(at)]];
}

/** The status and body of an answer, without the times and ids that the gateway itself makes up. */
function clientBytes({ status, body }: Outcome, upstream: Buffer): string {
  const text = upstream.toString('utf8');
  const clean = body
    .replace(/"created":\s*(\d+)/g, (member, seconds) => (text.includes(seconds) ? member : '"created":0'))
    .replace(/"id":\s*"([^"]*)"/g, (member, id) => (text.includes(id) ? member : '"id":"…"'));
  return `${status} ${clean}`;
}

function requestDifferences({ upstreamRequest }: NamedFixture, { sent }: Outcome): string[] {
  const count = `${sent.length} upstream calls, expected ${upstreamRequest.length}`;
  if (sent.length !== upstreamRequest.length) return [count];
  return upstreamRequest.flatMap((expected, index) => {
    const { url, headers, body } = sent[index] ?? { url: '', headers: {}, body: '' };
    const actual: ExpectedRequest = { url, headers, body: body === '' ? undefined : JSON.parse(body) };
    const path = `upstreamRequest[${index}]`;
    return [
      ...differences(expected.url, actual.url, `${path}.url`),
      ...differences(expected.headers, actual.headers, `${path}.headers`),
      ...differences(expected.body, actual.body, `${path}.body`, true),
    ];
  });
}

function answerDifferences(fixture: NamedFixture, { status, body }: Outcome): string[] {
  if (status !== fixture.status) return [`status is ${status}, expected ${fixture.status}: ${body}`];
  const { response, assembled } = fixture;
  return [
    ...(response ? differences(response, JSON.parse(body), 'response') : []),
    ...(assembled ? differences(assembled, assemble(body), 'assembled') : []),
  ];
}

function changed({ headers }: Outcome): string[] {
  const header = headers.get('x-sluice-changed');
  return header === null ? [] : header.split(', ').sort();
}

function bucketsOf(usage: Usage | null): JsonObject | null {
  if (!usage) return null;
  return Object.fromEntries(Object.entries(usage).filter(([, count]) => typeof count === 'number' && count !== 0));
}
