import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CAPABILITIES } from '../../src/providers/capabilities.ts';

const object = z.record(z.string(), z.unknown());

/** The headers are a subset; the body is exact. */
const expectedRequest = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string().regex(/^[a-z0-9-]+$/, 'header names are in lower case'), z.string()).default({}),
  body: z.unknown(),
});

/** One message of an AWS event stream; those whose type ends in `Exception` are sent as exceptions. */
const frame = z.strictObject({ type: z.string(), payload: object });

const playedResponse = z
  .strictObject({
    status: z.int().default(200),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
    /** Pieces of text, sent one by one. */
    stream: z.array(z.string()).min(1).optional(),
    frames: z.array(frame).min(1).optional(),
  })
  .refine(
    ({ body, stream, frames }) => [body, stream, frames].filter((kind) => kind !== undefined).length === 1,
    "one of 'body', 'stream' and 'frames' must be there",
  );

/** What a client makes of a stream; whatever is given must be equal. */
const assembled = z.strictObject({
  content: z.string().optional(),
  reasoning: z.string().optional(),
  refusal: z.string().optional(),
  tool_calls: z.array(object).optional(),
  finish_reason: z.string().nullable().optional(),
  usage: object.optional(),
  error: object.optional(),
});

/** One thing may stand without its list. */
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]), z.array(item));

const fixtureSchema = z.strictObject({
  capability: z.enum(CAPABILITIES),
  /** The page of the provider's API reference whose example this is shaped on. */
  source: z.url({ protocol: /^https$/ }),
  endpoint: z.looseObject({
    endpoint_type: z.enum(['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings']),
    model: z.looseObject({ provider: z.string(), config: object }),
  }),
  surface: z.enum(['openai', 'mlflow', 'anthropic', 'responses']),
  request: object,
  /** None where the gateway answers without asking the provider. */
  upstreamRequest: listOf(expectedRequest),
  upstreamResponse: listOf(playedResponse),
  status: z.int().default(200),
  response: object.optional(),
  assembled: assembled.optional(),
  /** What `x-sluice-changed` names. */
  changed: z.array(z.string()).default([]),
  /** The buckets of `Usage`, zeros left out. */
  usage: z.record(z.string(), z.number()).optional(),
  /** The API has no terminal event: the end of the body ends the stream. */
  endsWithBody: z.boolean().default(false),
});

export type ExpectedRequest = z.output<typeof expectedRequest>;
export type PlayedResponse = z.output<typeof playedResponse>;
export type Fixture = z.output<typeof fixtureSchema>;

export interface NamedFixture extends Fixture {
  /** The folder of the provider below `src/providers`. */
  readonly folder: string;
  /** `<folder>/<capability>.<case>`. */
  readonly name: string;
}

export const PROVIDERS_FOLDER = join(import.meta.dir, '..', '..', 'src', 'providers');

/** The folders below `src/providers`. */
export function providerFolders(): string[] {
  const entries = readdirSync(PROVIDERS_FOLDER, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** The fixtures of every provider. Throws an Error that names the file and the field of what is wrong. */
export async function readFixtures(): Promise<NamedFixture[]> {
  const lists = await Promise.all(providerFolders().map(readFolder));
  return lists.flat();
}

async function readFolder(folder: string): Promise<NamedFixture[]> {
  const path = join(PROVIDERS_FOLDER, folder, 'fixtures');
  const files = existsSync(path) ? readdirSync(path).filter(isFixture).sort() : [];
  return Promise.all(files.map((file) => readFixture(folder, path, file)));
}

/** What else lies there, such as keys or test vectors, begins with `_`. */
function isFixture(file: string): boolean {
  return file.endsWith('.json') && !file.startsWith('_');
}

async function readFixture(folder: string, path: string, file: string): Promise<NamedFixture> {
  const where = `src/providers/${folder}/fixtures/${file}`;
  const content: unknown = await Bun.file(join(path, file))
    .json()
    .catch((error: unknown) => {
      throw new Error(`${where}: ${error instanceof Error ? error.message : error}`);
    });
  const result = fixtureSchema.safeParse(content);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${where}: ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`A fixture is not of the form that test/providers/fixture.ts describes:\n${problems.join('\n')}`);
  }
  const name = file.replace(/\.json$/, '');
  const [capability, , ...more] = name.split('.');
  if (capability !== result.data.capability || more.length > 0 || !/^[a-z-]+\.[a-z0-9-]+$/.test(name)) {
    throw new Error(`${where}: the name must be ${result.data.capability}.<case-in-kebab>.json`);
  }
  return { ...result.data, folder, name: `${folder}/${name}` };
}
