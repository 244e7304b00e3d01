import { describe, expect, test } from 'bun:test';
import type { PriceOverride } from '../config/price-types.ts';
import { formatDollars } from '../core/ledger/money.ts';
import type { PriceTable } from '../core/ledger/price-table.ts';
import { NO_USAGE, TOKEN_BUCKETS, type Usage } from '../core/neutral/usage.ts';
import { Random } from '../dialects/testing/random.ts';
import { bundledCatalog, Catalog } from './catalog.ts';
import { type PricedRequest, Pricer } from './pricer.ts';

const catalog = await bundledCatalog();
const JUNE = Date.parse('2026-06-15T12:00:00Z');

function request(changes: Partial<PricedRequest>): PricedRequest {
  return {
    attempts: [],
    clientClosed: false,
    endpoint: 'chat',
    model: 'gpt-4o',
    provider: 'openai',
    servedModel: null,
    serviceTier: null,
    status: 200,
    time: JUNE,
    usage: { ...NO_USAGE, input: 1000, output: 100 },
    ...changes,
  };
}

function cost(pricer: Pricer, changes: Partial<PricedRequest> = {}): string {
  const pricing = pricer.price(request(changes));
  return pricing.cost === null ? `${pricing.reason}` : formatDollars(pricing.cost);
}

const table = (input: string, output: string): PriceOverride['prices'] => ({
  kind: 'table',
  table: { standard: { prices: { input, output } } },
});

function override(changes: Partial<PriceOverride>): PriceOverride {
  return { endpoint: null, provider: null, model: null, validFrom: null, prices: table('1', '2'), ...changes };
}

describe('what is not known is no 0', () => {
  const pricer = new Pricer(catalog);

  test.each([
    ['a model', { model: 'nonesuch' }, 'unknown_model'],
    ['a provider', { provider: 'nobody' }, 'unknown_model'],
    ['a name of JavaScript’s own', { model: '__proto__' }, 'unknown_model'],
    ['another one', { model: 'constructor', provider: 'toString' }, 'unknown_model'],
    ['a vendor of a vendor', { model: 'constructor/name', provider: 'litellm' }, 'unknown_model'],
    ['no model at all', { model: null }, 'unknown_model'],
    ['no provider', { provider: null }, 'unknown_model'],
    ['usage that nobody counted', { usage: null }, 'no_usage'],
    ['a kind', { usage: { ...NO_USAGE, input: 1, outputAudio: 1 } }, 'no_price:outputAudio'],
    ['a unit', { usage: { ...NO_USAGE, units: { page: 1 } } }, 'no_price:page'],
    ['a class of service', { serviceTier: 'express' }, 'no_price:express'],
    ['a class like a name of JavaScript’s own', { serviceTier: 'constructor' }, 'no_price:constructor'],
    ['a class of the model', { model: 'gpt-4-turbo', serviceTier: 'flex' }, 'no_price:flex'],
    ['a way to be served', { usage: { ...NO_USAGE, input: 1, modifiers: ['fast'] } }, 'no_price:fast'],
  ])('%s', (_, changes, reason) => {
    const pricing = pricer.price(request(changes));
    expect({ ...pricing, source: null }).toEqual({ cost: null, lines: [], source: null, reason });
  });

  test('but what was refused has bought nothing', () => {
    const attempt = { status: 429 } as PricedRequest['attempts'][number];
    expect(cost(pricer, { usage: null, status: 401 })).toBe('0');
    expect(cost(pricer, { usage: null, status: 429, attempts: [attempt] })).toBe('0');
    expect(cost(pricer, { usage: null, status: 504, attempts: [{ ...attempt, status: null }] })).toBe('no_usage');
    expect(cost(pricer, { usage: null, status: 499, clientClosed: true })).toBe('no_usage');
  });
});

describe('prices of the configuration', () => {
  test('take the place of the catalog’s, with their name', () => {
    const pricer = new Pricer(catalog, [override({ model: 'gpt-4o*' })]);
    const pricing = pricer.price(request({}));
    expect(pricing.source).toBe('configuration');
    expect(pricing.lines.map(({ kind, pricePerMillion }) => [kind, pricePerMillion])).toEqual([
      ['input', '1'],
      ['output', '2'],
    ]);
    expect(cost(pricer, { model: 'gpt-4.1' })).toBe('0.0028');
    expect(cost(pricer, { model: 'deployment', servedModel: 'gpt-4o-mini' })).toBe('0.0012');
  });

  test('hold for the whole: what they leave out has no price', () => {
    const pricer = new Pricer(catalog, [override({ model: 'gpt-4o' })]);
    expect(cost(pricer, { usage: { ...NO_USAGE, inputAudio: 1 } })).toBe('no_price:inputAudio');
    expect(cost(pricer, { usage: { ...NO_USAGE, reasoning: 1_000_000 } })).toBe('2');
    expect(cost(pricer, { serviceTier: 'priority' })).toBe('no_price:priority');
  });

  test('begin when they say', () => {
    const from = (text: string, input: string) =>
      override({ model: 'gpt-4o', validFrom: Date.parse(text), prices: table(input, '0') });
    const pricer = new Pricer(catalog, [from('2026-06-01', '3'), from('2026-07-01', '4')]);
    expect(cost(pricer, { time: Date.parse('2026-05-31T23:59:59.999Z') })).toBe('0.0035');
    expect(cost(pricer, { time: Date.parse('2026-06-01') })).toBe('0.003');
    expect(cost(pricer, { time: Date.parse('2026-07-01') })).toBe('0.004');
  });

  test('go from the general to the particular, whatever their order', () => {
    const all = [
      override({ endpoint: 'chat', prices: table('1', '0') }),
      override({ model: 'gpt-4o', prices: table('2', '0') }),
      override({ model: 'gpt-*', prices: table('3', '0') }),
      override({ provider: 'openai', prices: table('4', '0') }),
    ];
    for (const overrides of [all, all.toReversed()]) {
      expect(cost(new Pricer(catalog, overrides))).toBe('0.001');
      expect(cost(new Pricer(catalog, overrides), { endpoint: 'other' })).toBe('0.002');
      expect(cost(new Pricer(catalog, overrides), { endpoint: 'other', model: 'gpt-4.1' })).toBe('0.003');
      expect(cost(new Pricer(catalog, overrides), { endpoint: 'other', model: 'o3' })).toBe('0.004');
    }
  });

  test('of two alike the first one counts', () => {
    const overrides = [override({ model: 'gpt-4o', prices: table('5', '0') }), override({ model: 'gpt-4o' })];
    expect(cost(new Pricer(catalog, overrides))).toBe('0.005');
  });

  test('make a model of one’s own free', () => {
    const free = override({ provider: 'ollama', prices: { kind: 'free' } });
    const usage = { ...NO_USAGE, input: 9, inputAudio: 9, units: { image: 3 } };
    expect(cost(new Pricer(catalog, [free]), { provider: 'ollama', model: 'llama', usage })).toBe('0');
  });

  test('multiply the catalog’s, with its dates and classes', () => {
    const discount = override({ provider: 'openai', prices: { kind: 'multiplier', factor: '0.9' } });
    const pricer = new Pricer(catalog, [discount]);
    expect(cost(pricer)).toBe('0.00315');
    expect(cost(pricer, { serviceTier: 'batch' })).toBe('0.001575');
    expect(cost(pricer, { model: 'gpt-5.6-sol', time: Date.parse('2026-08-20') })).toBe('0.0072');
    expect(cost(pricer, { model: 'gpt-5.6-sol', time: Date.parse('2026-08-21') })).toBe('0.0054');
  });

  test('with stars anywhere take linear time', () => {
    const pattern = `${'*a'.repeat(200)}*b`;
    const pricer = new Pricer(catalog, [override({ model: pattern })]);
    expect(cost(pricer, { model: 'a'.repeat(5000) })).toBe('unknown_model');
    expect(cost(pricer, { model: `${'a'.repeat(200)}b` })).toBe('0.0012');
  });
});

describe('whatever was used', () => {
  const table: PriceTable = {
    standard: {
      prices: Object.fromEntries(TOKEN_BUCKETS.map((kind, index) => [kind, `${index + 1}.${index}`])),
    },
  };
  const pricer = new Pricer(catalog, [override({ model: 'all', prices: { kind: 'table', table } })]);
  const price = (usage: Usage) => pricer.price(request({ model: 'all', usage })).cost ?? -1n;

  test('more of a kind costs more, and nothing costs less than nothing', () => {
    const random = new Random(3);
    for (let count = 0; count < 500; count += 1) {
      const usage = Object.fromEntries(TOKEN_BUCKETS.map((kind) => [kind, random.below(100_000)])) as unknown as Usage;
      const before = price(usage);
      expect(before).toBeGreaterThanOrEqual(0n);
      for (const kind of TOKEN_BUCKETS) expect(price({ ...usage, [kind]: usage[kind] + 1 })).toBeGreaterThan(before);
    }
  });

  test('lines add up to the cost', () => {
    const usage = { ...NO_USAGE, input: 7, cacheRead: 11, reasoning: 13, cacheReadAudio: 4 };
    const { cost: total, lines } = pricer.price(request({ model: 'all', usage }));
    expect(lines.reduce((sum, line) => sum + line.cost, 0n)).toBe(total as bigint);
  });
});

test('a longer prompt never becomes cheaper, at any model of the catalog', () => {
  const tables = new Map<string, string>([
    ['openai', 'openai'],
    ['anthropic', 'anthropic'],
    ['gemini', 'gemini'],
    ['xai', 'xai'],
  ]);
  const pricer = new Pricer(catalog);
  for (const { table: name, name: model } of catalog.entries()) {
    const provider = tables.get(name);
    if (provider === undefined) continue;
    const costs = [100_000, 128_001, 200_001, 272_001, 512_001].map(
      (input) => pricer.price(request({ provider, model, usage: { ...NO_USAGE, input } })).cost,
    );
    for (const [index, amount] of costs.entries()) {
      const before = costs[index - 1];
      if (amount !== null && before !== null && before !== undefined) expect(amount).toBeGreaterThanOrEqual(before);
    }
  }
});

test('the catalog is small, and each of its prices is a decimal', () => {
  expect(JSON.stringify(catalog.file).length).toBeLessThan(400_000);
  expect(catalog.file.sources.every(({ licence }) => licence === 'MIT')).toBe(true);
  let prices = 0;
  for (const { model } of catalog.entries()) {
    for (const { table: found } of model.versions) {
      for (const price of Object.values(found.standard?.prices ?? {})) {
        prices += 1;
        expect(price).toMatch(/^\d+(?:\.\d{1,6})?$/);
      }
    }
  }
  expect(prices).toBeGreaterThan(8000);
});

test('another catalog gives other sources', () => {
  const refreshed = new Catalog({ ...catalog.file, date: '2027-01-02' }, 'refreshed');
  expect(new Pricer(refreshed).price(request({})).source).toBe('refreshed catalog of 2027-01-02');
});
