import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { isJsonObject, type JsonObject } from '../../src/core/types.ts';
import type { Capability } from '../../src/providers/capabilities.ts';
import { assemble } from './assemble.ts';
import { differences } from './compare.ts';
import { type NamedFixture, readFixtures } from './fixture.ts';
import { cutShort, type PlayedBytes, playedBytes } from './frames.ts';
import { FIRST_BYTE_TIMEOUT_MILLISECONDS, Laboratory, type Probe } from './laboratory.ts';
import { announces, breaksOff, plays, stalls, staysSilent } from './mock-upstream.ts';
import { secretsOf } from './secrets.ts';
import { type Subject, subjects } from './subject.ts';

/**
 * What every provider must do, whatever its wire format: over sockets and TLS, against a mock that plays the answers of
 * the provider's own fixtures. A new provider adds fixtures and nothing here.
 */
const LARGER_THAN_ANY_ANSWER = 512 * 1024 * 1024;
const ERROR_STATUSES = [400, 401, 429, 500, 529];

const laboratory = new Laboratory();
/** Those that wait for the same time limit do so together. */
const silent = new Map<Probe, Promise<Response>>();

beforeAll(async () => {
  await laboratory.start();
  for (const probe of silent.keys()) silent.set(probe, probe.ask());
}, 30_000);
afterAll(() => laboratory.stop());

for (const subject of subjects(await readFixtures())) {
  describe(subject.provider.name, () => {
    if (!subject.hasFixtures) {
      test('it has fixtures', () => {
        throw new Error(`Add fixtures for ${subject.provider.name}; CONTRIBUTING.md says how.`);
      });
      return;
    }
    if (!subject.isRemote) {
      test.skip('everything below: it answers without a network', () => {});
      return;
    }
    for (const capability of ['chat', 'chat-stream', 'tools', 'images'] as const) testAnswer(subject, capability);
    testErrors(subject);
    testTimeout(subject);
    testBrokenAnswers(subject);
    testBrokenStreams(subject);
    testCancel(subject);
  });
}

/** The first example of what the provider has, in this order: chat for most, completions for the oldest. */
function anyExample(subject: Subject): NamedFixture {
  const kinds: readonly Capability[] = ['chat', 'completions', 'embeddings'];
  const found = kinds.map((capability) => subject.example(capability)).find((fixture) => fixture !== null);
  if (!found) throw new Error(`Provider ${subject.provider.name} has no fixture of a whole answer`);
  return found;
}

function testAnswer(subject: Subject, capability: Capability): void {
  // An image by URL would be fetched from the internet for some providers.
  const isInline = (fixture: NamedFixture) => !/"url":\s*"https?:/.test(JSON.stringify(fixture.request));
  const fixture = subject.example(capability, isInline) ?? subject.example(capability);
  if (!fixture) {
    test.skip(`${capability}: the provider has none`, () => {});
    return;
  }
  const probe = laboratory.probe(subject, capability, fixture, plays);
  test(`${capability}: the answer of its fixture comes through`, async () => {
    const response = await probe.ask();
    const body = await response.text();
    expect([response.status, response.status === 200 ? '' : body]).toEqual([200, '']);
    if (fixture.response) expect(differences(comparable(fixture), JSON.parse(body), 'response')).toEqual([]);
    if (fixture.assembled) expect(differences(fixture.assembled, assemble(body), 'assembled')).toEqual([]);
    expect(probe.upstreamRequests.length).toBe(1);
    const [expected] = fixture.upstreamRequest;
    if (!subject.owns(fixture)) return;
    expect(new URL(expected?.url ?? '').pathname).toEndWith(pathOf(probe.upstreamRequests[0]?.path));
  });
}

/** Another provider of the folder may have answered with its own name. */
function comparable({ response }: NamedFixture): JsonObject {
  const { provider: _, model: __, ...rest } = response ?? {};
  return rest;
}

/** Without the query. */
function pathOf(target: string | undefined): string {
  return target?.split('?')[0] ?? '';
}

function testErrors(subject: Subject): void {
  const fixture = subject.error();
  if (!fixture) {
    test('errors: a fixture shows one', () => {
      throw new Error(`Add a fixture chat.error-….json for ${subject.provider.name}.`);
    });
    return;
  }
  for (const status of ERROR_STATUSES) {
    const withStatus = (played: PlayedBytes) => ({
      ...played,
      status,
      headers: { ...played.headers, 'retry-after': '7' },
    });
    const probe = laboratory.probe(subject, `error-${status}`, fixture, (played) => plays(withStatus(played)));
    test(`an error ${status} keeps its status, its message and when to try again`, async () => {
      const response = await probe.ask();
      expect(response.status).toBe(status);
      expect(response.headers.get('retry-after')).toBe('7');
      expect(errorMessage(await response.json())).toBe(errorMessage(fixture.response));
    });
  }
  const secrets = secretsOf(subject.model(fixture));
  const leak = (played: PlayedBytes) => {
    const text = Buffer.concat(played.pieces)
      .toString('utf8')
      .replace(/ (?=\w)/, ` ${secrets.join(' ')} `);
    return plays({ ...played, pieces: [Buffer.from(text)] });
  };
  if (secrets.length === 0) {
    test.skip('a key in an error is not shown: the provider has no keys', () => {});
    return;
  }
  const probe = laboratory.probe(subject, 'leak', fixture, leak);
  test('a key in an error is not shown', async () => {
    const body = await (await probe.ask()).text();
    for (const secret of secrets) expect(body).not.toContain(secret);
  });
}

/** In every dialect's shape of an error. */
function errorMessage(body: unknown): unknown {
  if (!isJsonObject(body)) return body;
  if (isJsonObject(body.error)) return body.error.message;
  return isJsonObject(body.detail) ? (body.detail.message ?? body.detail) : body.detail;
}

function testTimeout(subject: Subject): void {
  const probe = laboratory.probe(subject, 'silent', anyExample(subject), () => staysSilent);
  silent.set(probe, Promise.resolve(Response.error()));
  test('an upstream that stays silent is a 504', async () => {
    const response = (await silent.get(probe)) ?? Response.error();
    expect(response.status).toBe(504);
    expect(errorMessage(await response.json())).toContain(`within ${FIRST_BYTE_TIMEOUT_MILLISECONDS} ms`);
  }, 15_000);
}

function testBrokenAnswers(subject: Subject): void {
  const fixture = anyExample(subject);
  const cut = laboratory.probe(subject, 'cut', fixture, breaksOff);
  test('an answer that breaks off is a 502', async () => expectError(await cut.ask(), 502));

  const halved = (played: PlayedBytes) => {
    const bytes = Buffer.concat(played.pieces);
    return plays({ ...played, pieces: [bytes.subarray(0, Math.floor(bytes.length / 2))] });
  };
  const malformed = laboratory.probe(subject, 'malformed', fixture, halved);
  test('an answer that is not JSON is a 502', async () => expectError(await malformed.ask(), 502));

  const otherShapes = ['{}', '[]', '"text"', 'null', '{"choices":5,"content":5,"candidates":5,"predictions":5}'];
  for (const [index, body] of otherShapes.entries()) {
    const odd = (played: PlayedBytes) => plays({ ...played, pieces: [Buffer.from(body)] });
    const probe = laboratory.probe(subject, `odd-${index}`, fixture, odd);
    test(`an answer of another shape, ${body}, is no fault inside the gateway`, async () => {
      const response = await probe.ask();
      expect([200, 502]).toContain(response.status);
      expect(isJsonObject(await response.json())).toBe(true);
    });
  }

  const huge = laboratory.probe(subject, 'huge', fixture, (played) => announces(played, LARGER_THAN_ANY_ANSWER));
  test('an answer that is too large is a 502, before it has come', async () => {
    await expectError(await huge.ask(), 502);
    await huge.upstreamRequests[0]?.gone;
  });
}

async function expectError(response: Response, status: number): Promise<void> {
  const body: unknown = await response.json();
  expect([response.status, typeof errorMessage(body)]).toEqual([status, 'string']);
}

function testBrokenStreams(subject: Subject): void {
  const fixture = subject.example('chat-stream') ?? subject.example('completions-stream');
  if (!fixture) {
    test.skip('broken streams: the provider has none', () => {});
    return;
  }
  const expectBroken = async (response: Response) => {
    const body = await response.text();
    const isError = response.status === 502 || assemble(body).error !== undefined;
    expect(isError ? 'an error' : `${response.status} ${body}`).toBe('an error');
  };
  const cut = laboratory.probe(subject, 'stream-cut', fixture, breaksOff);
  test('a stream that breaks off ends in an error', async () => expectBroken(await cut.ask()));

  const [response] = fixture.upstreamResponse;
  const short = response && cutShort(response, fixture.endsWithBody ? 'all but one' : 'the last');
  if (!short) throw new Error(`${fixture.name} has too few events`);
  const ended = laboratory.probe(subject, 'stream-ended', fixture, () => plays(playedBytes(short)));
  test('a stream that ends too early ends in an error', async () => expectBroken(await ended.ask()));

  const error = subject.error()?.upstreamResponse[0];
  if (!error) return;
  const refused = laboratory.probe(subject, 'stream-refused', fixture, () =>
    plays(playedBytes({ ...error, status: 429 })),
  );
  test('a stream that is refused has the real status', async () => {
    const answer = await refused.ask();
    expect([answer.status, isJsonObject(await answer.json())]).toEqual([429, true]);
  });
}

function testCancel(subject: Subject): void {
  const whole = laboratory.probe(subject, 'cancel', anyExample(subject), () => staysSilent);
  test('the upstream call ends when the client leaves', async () => {
    const answer = whole.ask().catch((error: unknown) => error);
    const { gone } = await whole.asked();
    whole.leave();
    await Promise.all([answer, gone]);
  });

  const fixture = subject.example('chat-stream') ?? subject.example('completions-stream');
  if (!fixture) {
    test.skip('the upstream stream ends when the client leaves: the provider has none', () => {});
    return;
  }
  const stream = laboratory.probe(subject, 'stream-cancel', fixture, (played) => stalls(inPieces(played, fixture)));
  test('the upstream stream ends when the client leaves', async () => {
    const response = await stream.ask();
    await response.body?.getReader().read();
    const { gone } = await stream.asked();
    stream.leave();
    await gone;
  });
}

/** The stream in two pieces, of which the first has all but the last event. */
function inPieces(played: PlayedBytes, { upstreamResponse }: NamedFixture): PlayedBytes {
  const short = upstreamResponse[0] && cutShort(upstreamResponse[0], 'the last');
  return short ? { ...played, pieces: [Buffer.concat(playedBytes(short).pieces), Buffer.alloc(1)] } : played;
}
