import assert from 'node:assert/strict';
import { type Client, errorOf, field, type NpmClient, type Setting } from './client.ts';
import { embeddingsEndpoint, type Family, type Impossible } from './family.ts';
import type { Laboratory } from './gateway.ts';
import { SCENARIOS, type Scenario } from './scenario.ts';

/** One field of the table that can be tried. */
export interface Cell {
  readonly family: Family;
  readonly scenario: Scenario;
  readonly impossible: Impossible | null;
}

/** What a client can try of a family. */
export function cellsOf(client: Client, family: Family): Cell[] {
  return SCENARIOS.filter((scenario) => whyNot(client, family, scenario) === null).map((scenario) => ({
    family,
    scenario,
    impossible: family.impossible[scenario] ?? null,
  }));
}

/** Why there is nothing to try; null where there is. */
export function whyNot(client: Client, family: Family, scenario: Scenario): string | null {
  if (!client.has(scenario)) return NO_CALL;
  const impossible = family.impossible[scenario];
  if (impossible?.shown === 'not at all') return impossible.reason;
  return client.cannot(scenario, family);
}

const NO_CALL = 'The client has no such call.';

/** Throws where the cell does not hold. What is impossible must be refused by an endpoint that loses nothing. */
export async function runCell(
  client: NpmClient,
  { family, scenario, impossible }: Cell,
  laboratory: Laboratory,
): Promise<void> {
  const run = client.scenarios[scenario];
  assert.ok(run);
  const setting = settingOf(family, laboratory, impossible !== null);
  if (impossible === null) return run(setting);
  const error = await errorOf(run(setting));
  const status = field(error, 'status') ?? field(error, 'statusCode');
  assert.ok([400, 422, 501].includes(Number(status)), `refused by ${String(status)}: ${String(error)}`);
}

function settingOf(family: Family, { url, mock }: Laboratory, isStrict: boolean): Setting {
  return {
    url,
    model: isStrict ? `${family.name}-strict` : family.name,
    embeddings: embeddingsEndpoint(family),
    family,
    gone: async (key) => {
      const deadline = performance.now() + 5000;
      while (!mock.watch.hasLeft(key)) {
        assert.ok(performance.now() < deadline, `the upstream never saw the client of '${key}' leave`);
        await Bun.sleep(5);
      }
    },
  };
}
