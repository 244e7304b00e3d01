import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Glob } from 'bun';
import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';
import { FAMILIES, type Family } from '../family.ts';
import { type Laboratory, startLaboratory } from '../gateway.ts';
import { CHANGES } from './changes.ts';
import { READERS, TURNS } from './conversation.ts';

/** A request in the shape in which a coding agent makes it. */
interface Fixture {
  readonly agent: string;
  readonly does: string;
  readonly dialect: keyof typeof READERS;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

const FOLDER = `${import.meta.dir}/fixtures`;
const names = [...new Glob('*.json').scanSync(FOLDER)].sort();
const fixtures = await Promise.all(
  names.map(async (file) => ({
    file: file.replace('.json', ''),
    fixture: (await Bun.file(`${FOLDER}/${file}`).json()) as Fixture,
  })),
);

let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await startLaboratory();
});

afterAll(() => laboratory?.stop());

/** A model that takes one text has nothing that an agent could use. */
const families = FAMILIES.filter(({ takesInstructions }) => takesInstructions);

async function send({ path, headers }: Fixture, body: JsonObject, { name }: Family) {
  const written = JSON.stringify(body).replaceAll('{endpoint}', name);
  const response = await fetch(laboratory.url + path.replaceAll('{endpoint}', name), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: written,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  const changed = response.headers.get('x-sluice-changed');
  return { text, changed: changed === null ? [] : changed.split(', ') };
}

/** Prose, which no translation may change: texts, descriptions, names of tools. Each with its path. */
function* proseIn(value: unknown, path = '', isProse = false): Generator<readonly [path: string, text: string]> {
  if (typeof value === 'string') {
    if (isProse) yield [path, value];
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* proseIn(item, `${path}.${index}`);
  } else if (isJsonObject(value)) {
    for (const [name, item] of Object.entries(value))
      yield* proseIn(item, path === '' ? name : `${path}.${name}`, PROSE.has(name));
  }
}

const PROSE = new Set(['text', 'description', 'name', 'instructions', 'output', 'input', 'content', 'definition']);

/** What the upstream did not get. */
function missing(body: JsonObject, arrived: JsonObject): string[] {
  const received = JSON.stringify(arrived);
  const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
  // JSON within JSON is escaped once more.
  const holds = (text: string): boolean =>
    received.includes(escaped(text)) || received.includes(escaped(escaped(text)));
  return [...proseIn(body)].filter(([, text]) => !holds(text)).map(([path]) => path);
}

for (const { file, fixture } of fixtures) {
  describe(`${fixture.agent}: ${fixture.does}`, () => {
    for (const family of families) {
      test(`onto ${family.title}`, async () => {
        const { body, dialect } = fixture;
        const read = READERS[dialect];
        const before = laboratory.mock.watch.requests.length;
        const first = await send(fixture, body, family);
        const arrived = laboratory.mock.watch.requests.slice(before).at(-1);
        const expected = CHANGES[file]?.[family.name] ?? [];
        expect(first.changed.toSorted()).toEqual([...expected].toSorted());
        // A count that the gateway estimates reaches nobody.
        if (arrived) expect(missing(body, arrived.body).filter((path) => !isNamed(path, expected))).toEqual([]);
        if (file.endsWith('count-tokens')) {
          expect(first.text).toMatch(/^\{"(?:input_tokens|totalTokens)":\s?\d+/);
          return;
        }
        const { text, next } = read(first.text, '21 cm');
        if (!file.endsWith('.turn')) {
          expect(text.length + next.length).toBeGreaterThan(0);
          return;
        }
        expect(next.length).toBeGreaterThan(0);
        const turns = TURNS[dialect];
        const second = await send(fixture, { ...body, [turns]: [...(body[turns] as JsonObject[]), ...next] }, family);
        expect(read(second.text, '').text).toStartWith('Results: 21 cm.');
        expect(second.text.includes('Reasoning lost')).toBe(false);
      });
    }
  });
}

/** Whether a change was told of a field, or of what it is in. */
function isNamed(path: string, changes: readonly string[]): boolean {
  return changes.some((change) => {
    const field = change.slice(0, change.indexOf(';'));
    return path === field || path.startsWith(`${field}.`);
  });
}
