import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { bundledCatalog } from '../../src/catalog/catalog.ts';
import { Pricer } from '../../src/catalog/pricer.ts';
import { compilePrices } from '../../src/config/prices.ts';
import { NO_USAGE } from '../../src/core/neutral/usage.ts';
import { makeRecord } from '../support/ledger-records.ts';

const FOLDER = join(import.meta.dir, '..', '..', 'examples');
const catalog = await bundledCatalog();

interface Example {
  readonly endpoints: ReadonlyArray<{ readonly name: string; readonly model: { provider: string; name: string } }>;
  readonly prices?: unknown;
}

// The first `sluice usage` of a newcomer shows what these cost.
test.each(readdirSync(FOLDER))('every model of examples/%s has a price', (name) => {
  const { endpoints, prices }: Example = parse(readFileSync(join(FOLDER, name), 'utf8'));
  const pricer = new Pricer(catalog, compilePrices(prices, []) ?? []);
  for (const { name: endpoint, model } of endpoints) {
    const usage = { ...NO_USAGE, input: 1000, output: 100 };
    const record = makeRecord(Date.UTC(2026, 10, 30), { endpoint, provider: model.provider, model: model.name, usage });
    expect([endpoint, pricer.price({ ...record, servedModel: null }).cost]).toEqual([endpoint, expect.any(BigInt)]);
  }
});
