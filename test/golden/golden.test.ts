import { afterAll, beforeAll, describe, expect, setSystemTime, spyOn, test } from 'bun:test';
import { isJsonObject, type JsonObject } from '../../src/core/types.ts';
import { CLIENT_NAMES, type ClientName, TARGET_NAMES } from './clients.ts';
import { received, sent, streamed, type UpstreamEvent } from './convert.ts';
import { golden, goldenFiles, grouped } from './golden-file.ts';
import type { TargetName } from './targets.ts';

/**
 * One input per feature, through the neutral shape to every target, and every target's answer back to every client. What
 * comes out is in the files under `fixtures`: `UPDATE_GOLDEN=1 bun test test/golden` writes it anew.
 */

// Ids and times that the gateway makes up.
const uuid = spyOn(crypto, 'randomUUID');

beforeAll(() => {
  setSystemTime(new Date('2026-01-01T00:00:00Z'));
  uuid.mockReturnValue('00000000-0000-4000-8000-000000000000');
});

afterAll(() => {
  setSystemTime();
  uuid.mockRestore();
});

type ByClient = Partial<Record<ClientName, JsonObject>>;
type ByTarget<T> = Partial<Record<TargetName, T>>;

/** What a client's own format loses on its way through the neutral shape, feature by feature; everything else comes through. */
const OWN_LOSSES: Readonly<Record<string, string>> = {
  // Answers begin anew, whatever stands last.
  'requests/answer-begun openai': 'messages.1;approximated',
  // Marks and thoughts that OpenAI's own API does not have, though clients of its format do.
  'requests/cache-marks openai':
    'messages.0.content.0.cache_control;dropped, messages.1.content.0.cache_control;dropped, tools.0.cache_control;dropped',
  'requests/reasoning-history openai': 'messages.1.reasoning;dropped',
  'requests/sampling openai': 'metadata.k;dropped, stop;dropped',
  // Limits of the API, which it would refuse by itself.
  'requests/effort-alone anthropic': 'output_config.effort;dropped',
  'requests/json-schema anthropic': 'output_config.format;approximated',
  'requests/sampling anthropic': 'stop_sequences;dropped',
  'requests/tools anthropic': 'tools.0.parameters;approximated',
  'requests/documents gemini': 'contents.0.parts.0.displayName;dropped',
  // Nobody knows them.
  'requests/unknown-fields openai': 'messages.0.mood;dropped, messages.1.content.0.odd;dropped, new_field;dropped',
  'requests/unknown-fields gemini': 'contents.0.parts.0.odd;dropped, newField;dropped',
  'requests/unknown-fields anthropic': 'new_field;dropped, messages.0.content.0.odd;dropped',
};

/** What comes out in another notation of the same, which the goldens show. */
const OTHER_NOTATIONS: Readonly<Record<string, string>> = {
  'requests/json-schema gemini': 'OpenAPI’s types and fields become those of JSON Schema.',
  'requests/reasoning-off anthropic': 'What is not asked for need not be turned off.',
  'requests/refusal-history openai': 'A refusal becomes a part of the content.',
  'requests/tool-names anthropic': 'Names that the API would refuse are changed for it.',
  'requests/tool-names openai': 'Names that the API would refuse are changed for it.',
  'requests/tool-results gemini': 'Calls without ids get some, and what follows results becomes a turn of its own.',
  'requests/tools gemini': 'OpenAPI’s types and fields become those of JSON Schema.',
};

describe.each(goldenFiles('requests').map((file) => [file.feature, file] as const))('%s', (feature, file) => {
  const inputs = Object.entries(file.content.inputs as ByClient) as Array<[ClientName, JsonObject]>;

  test('becomes what each target takes', () => {
    const made = Object.fromEntries(
      TARGET_NAMES.map((target) => {
        const outcomes = inputs.map(([client, body]) => {
          const { changed, ...result } = { changed: '', ...sent(client, target, body) };
          return { from: changed === '' ? client : `${client} (${changed})`, result };
        });
        return [target, grouped(outcomes)];
      }),
    );
    expect<unknown>(made).toEqual(golden(file, made));
  });

  test.each(['openai', 'anthropic', 'gemini'] as const)(
    'comes through whole where client and target speak %s',
    (name) => {
      const body = inputs.find(([client]) => client === name)?.[1];
      if (!body) return;
      const made = sent(name, name, body);
      const row = `${feature} ${name}`;
      expect(made).toMatchObject({ changed: OWN_LOSSES[row] ?? '' });
      if (row in OWN_LOSSES || row in OTHER_NOTATIONS || !('body' in made)) return;
      expect(normalised(made.body)).toEqual(normalised(body));
    },
  );
});

/** Without the model, which the target names itself, and with one notation of what has two. */
function normalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalised);
  if (!isJsonObject(value)) return value;
  const { model: _model, system_instruction: system, ...fields } = value;
  if (system !== undefined) fields.systemInstruction = system;
  const normal = Object.fromEntries(Object.entries(fields).map(([name, member]) => [name, normalised(member)]));
  const [only, another] = Array.isArray(normal.content) ? normal.content : [];
  const isOneText = another === undefined && only?.type === 'text' && Object.keys(only).length === 2;
  return isOneText ? { ...normal, content: only.text } : normal;
}

describe.each(goldenFiles('answers').map((file) => [file.feature, file] as const))('%s', (_feature, file) => {
  const answers = Object.entries(file.content.inputs as ByTarget<JsonObject>) as Array<[TargetName, JsonObject]>;
  const streams = Object.entries(file.content.streams as ByTarget<UpstreamEvent[]>) as Array<
    [TargetName, UpstreamEvent[]]
  >;

  test('becomes what each client reads', () => {
    const made = Object.fromEntries(
      CLIENT_NAMES.map((client) => [
        client,
        {
          whole: grouped(answers.map(([from, answer]) => ({ from, result: received(client, from, answer) }))),
          streamed: grouped(streams.map(([from, events]) => ({ from, result: streamed(client, from, events) }))),
        },
      ]),
    );
    expect<unknown>(made).toEqual(golden(file, made));
  });
});
