import { describe, expect, test } from 'bun:test';
import { isJsonObject } from '../../src/core/types.ts';
import { assemble } from './assemble.ts';
import { type NamedFixture, type PlayedResponse, readFixtures } from './fixture.ts';
import { FixtureGateway, type Outcome } from './fixture-gateway.ts';
import { playedBytes } from './frames.ts';

/**
 * Whatever a provider sends, nothing breaks inside the gateway: a client gets an answer or an error about the upstream.
 * Each place of each fixture's answer is left out once, and once replaced by a value of another kind.
 */
const ODD_VALUES: readonly unknown[] = [null, 5, -1.5, 'odd', true, {}, [], [null], { odd: [{}] }];

type Place = ReadonlyArray<string | number>;

const all = (await readFixtures()).filter(({ upstreamResponse }) => upstreamResponse.length === 1);

for (const folder of new Set(all.map((fixture) => fixture.folder))) {
  describe(folder, () => {
    for (const fixture of all.filter((candidate) => candidate.folder === folder)) {
      test(fixture.name, async () => {
        const gateway = new FixtureGateway(fixture);
        const broken: string[] = [];
        for (const [change, response] of oddResponses(fixture)) {
          try {
            readable(await gateway.ask([playedBytes(response)]));
          } catch (error) {
            broken.push(`${change}: ${error}`);
          }
        }
        expect(broken).toEqual([]);
      }, 30_000);
    }
  });
}

/** Throws where a client could not parse what it got. */
function readable({ headers, body }: Outcome): void {
  if (headers.get('content-type')?.startsWith('text/event-stream')) assemble(body);
  else JSON.parse(body);
}

function* oddResponses({ upstreamResponse }: NamedFixture): Generator<readonly [change: string, PlayedResponse]> {
  const [response] = upstreamResponse;
  if (response?.frames) {
    for (const [change, frames] of oddVersions(response.frames, isPayload)) yield [change, { ...response, frames }];
  } else if (response?.stream) {
    const events = response.stream.join('').split(/(?<=\n)/);
    for (const [index, line] of events.entries()) {
      const [, prefix = '', json = ''] = /^(data: ?|)(\{.*\})\r?\n$/.exec(line) ?? [];
      if (json === '') continue;
      for (const [change, value] of oddVersions(JSON.parse(json))) {
        const stream = events.with(index, `${prefix}${JSON.stringify(value)}\n`);
        yield [`line ${index}, ${change}`, { ...response, stream }];
      }
    }
  } else if (response) {
    for (const [change, body] of oddVersions(response.body)) yield [change, { ...response, body: body ?? null }];
  }
}

/** What the gateway itself reads of frames is no odd answer of a provider. */
const isPayload = (place: Place): boolean => place[1] === 'payload' && place.length > 2;

/** The value with one place changed, for each place in it. */
function* oddVersions<Value>(
  whole: Value,
  isChanged: (place: Place) => boolean = () => true,
): Generator<readonly [change: string, Value]> {
  for (const [index, place] of placesOf(whole).filter(isChanged).entries()) {
    const odd = ODD_VALUES[index % ODD_VALUES.length];
    yield [`${place.join('.')} is ${JSON.stringify(odd)}`, replaced(whole, place, odd) as Value];
    if (place.length > 0) yield [`no ${place.join('.')}`, replaced(whole, place, undefined) as Value];
  }
}

function placesOf(value: unknown, place: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  const entries: ReadonlyArray<readonly [string | number, unknown]> = Array.isArray(value)
    ? [...value.entries()].slice(0, 3)
    : Object.entries(value);
  return [place, ...entries.flatMap(([key, inner]) => placesOf(inner, [...place, key]))];
}

/** A copy with another value at a place; undefined leaves a member out. */
function replaced(value: unknown, [key, ...rest]: Place, odd: unknown): unknown {
  if (key === undefined) return odd;
  if (Array.isArray(value)) return value.with(Number(key), replaced(value[Number(key)], rest, odd));
  return isJsonObject(value) ? { ...value, [key]: replaced(value[key], rest, odd) } : value;
}
