import { describe, expect, test } from 'bun:test';
import { currentProvidersPage, PROVIDERS_PAGE } from '../../scripts/generate-providers.ts';
import { CAPABILITIES } from '../../src/providers/capabilities.ts';
import { providers } from '../../src/providers/index.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { type NamedFixture, readFixtures } from './fixture.ts';

const fixtures = await readFixtures();
const builtIn = providers.all().filter(({ planned, aliasOf }) => !planned && !aliasOf);

const providerOf = ({ endpoint }: NamedFixture): Provider | undefined => providers.find(endpoint.model.provider);

/** How many tools an answer, whole or assembled, calls at once. */
function callsOf(answer: unknown): number {
  const lists = JSON.stringify(answer ?? null).match(/"tool_calls":\[.*?\]/g) ?? [];
  return Math.max(0, ...lists.map((list) => list.split('"arguments"').length - 1));
}

describe.each(builtIn)('$name', (provider) => {
  const own = fixtures.filter((fixture) => providerOf(fixture) === provider);
  const folder = fixtures.filter((fixture) => own.some((mine) => mine.folder === fixture.folder));
  const declared = CAPABILITIES.filter((capability) => provider.capabilities?.[capability]);
  const isRemote = own.some(({ upstreamRequest }) => upstreamRequest.length > 0);

  test('declares its capabilities, and has a fixture of each', () => {
    expect(declared).not.toBeEmpty();
    expect(own.map(({ name }) => name)).not.toBeEmpty();
    const shown = new Set(folder.map(({ capability }) => capability));
    expect(declared.filter((capability) => !shown.has(capability))).toEqual([]);
  });

  test('declares what its fixtures show', () => {
    const undeclared = own.filter(({ capability }) => !provider.capabilities?.[capability]);
    expect(undeclared.map(({ name }) => name)).toEqual([]);
  });

  if (!isRemote) return;

  test('has a fixture of an error, and of a character of several bytes in a stream', () => {
    expect(folder.filter(({ status }) => status >= 400)).not.toBeEmpty();
    const streams = folder.filter(({ capability }) => capability.endsWith('-stream'));
    const texts = streams.map(({ upstreamResponse }) => JSON.stringify(upstreamResponse));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of the characters of one byte.
    expect(streams.length === 0 || texts.some((text) => /[^\x00-\x7f]/.test(text))).toBe(true);
  });

  test('has a fixture of parallel tool calls, where it has tools', () => {
    const calls = folder.flatMap(({ response, assembled }) => [response, assembled].map(callsOf));
    expect(!provider.capabilities?.tools || calls.some((count) => count > 1)).toBe(true);
  });

  test('has a fixture of an answer that ended at its length, if it streams: streams say how they end', () => {
    const answers = folder.map(({ response, assembled }) => JSON.stringify([response, assembled]));
    const isShown = answers.some((text) => text.includes('"finish_reason":"length"'));
    expect(!provider.capabilities?.['chat-stream'] || isShown).toBe(true);
  });
});

test('docs/providers.md is what the providers say of themselves; else run: npm run providers', async () => {
  const written = await Bun.file(PROVIDERS_PAGE)
    .text()
    .catch(() => '');
  expect(written === (await currentProvidersPage())).toBe(true);
});
