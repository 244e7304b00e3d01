import { describe, expect, test } from 'bun:test';
import type { PriceTable } from '../../core/ledger/price-table.ts';
import type { JsonObject } from '../../core/types.ts';
import { checkCatalog } from '../catalog-check.ts';
import { readCatalog, writeCatalog } from '../catalog-file.ts';
import { newCatalog } from '../refresh.ts';
import { readGenaiPrices } from './genai-prices.ts';
import { readLiteLLM } from './litellm.ts';
import { parseLossless } from './lossless-json.ts';
import { type Disagreement, mergeModels } from './merge.ts';
import type { Models } from './models.ts';
import { updateModels } from './update.ts';

const litellm = (text: string): Models => readLiteLLM(parseLossless(text) as JsonObject);
const table = (models: Models, group: string, name: string): PriceTable | undefined =>
  models.get(group)?.get(name)?.versions[0]?.table;

const MODEL = `{
  "acme/one": {
    "litellm_provider": "openai", "mode": "chat", "max_input_tokens": 128000, "supports_vision": true,
    "input_cost_per_token": 1.30e-07, "output_cost_per_token": 2.9999900000000002e-06,
    "input_cost_per_token_above_200k_tokens": 2.6e-07, "input_cost_per_token_batches": 6.5e-08,
    "output_cost_per_token_priority": 6e-06, "output_cost_per_reasoning_token": 2.9999900000000002e-06,
    "cache_creation_input_token_cost_above_1hr": 2.6e-7, "deprecation_date": "2027-01-01",
    "search_context_cost_per_query": {"search_context_size_medium": 0.01}, "provider_specific_entry": {"us": 1.1}
  }
}`;

describe('the prices of LiteLLM', () => {
  test('keep their digits, but for traces of floating-point arithmetic', () => {
    expect(table(litellm(MODEL), 'openai', 'acme/one')).toEqual({
      standard: {
        prices: { input: '0.13', output: '2.99999', cacheWriteLong: '0.26', web_search: '10000' },
        above: { 200000: { input: '0.26' } },
      },
      batch: { prices: { input: '0.065' } },
      priority: { prices: { output: '6' } },
      multipliers: { us: '1.1' },
    });
  });

  test('come with what else is known of a model', () => {
    expect(litellm(MODEL).get('openai')?.get('acme/one')).toMatchObject({
      context: 128_000,
      capabilities: ['vision'],
      retired: '2027-01-01',
      mode: 'chat',
    });
  });

  test('of quiet hours are versions of their own', () => {
    const models = litellm(`{"deepseek/x": {"litellm_provider": "deepseek", "input_cost_per_token": 3e-07,
      "off_peak_pricing": {"input_cost_per_token": 1.5e-07, "windows": [{"hours_utc": ["00:30-01:00", "10:00-00:00"],
      "weekdays": [1, 5]}]}}}`);
    expect(models.get('deepseek')?.get('x')?.versions).toEqual([
      { from: null, table: { standard: { prices: { input: '0.3' } } } },
      {
        from: null,
        hours: [
          {
            minutes: [
              [30, 60],
              [600, 1440],
            ],
            days: [1, 5],
          },
        ],
        table: { standard: { prices: { input: '0.15' } } },
      },
    ]);
  });

  test('that are all 0 are none', () => {
    expect(litellm('{"x": {"litellm_provider": "openai", "input_cost_per_token": 0.0}}').size).toBe(0);
    expect(litellm('{"x": {"litellm_provider": "nobody", "input_cost_per_token": 1}, "y": 3}').size).toBe(0);
  });
});

const GENAI = `[{"id": "openai", "models": [{"id": "one", "match": {"or": [{"equals": "uno"}, {"starts_with": "one-"}]},
  "prices": [{"prices": {"input_mtok": 5, "output_mtok": {"base": 10, "tiers": [{"start": 271999, "price": 20}]}}},
  {"constraint": {"type": "start_date", "start_date": "2026-08-21"}, "prices": {"input_mtok": 4, "web_searches_kcount": 10}}]}]}]`;

describe('the prices of genai-prices', () => {
  const models = readGenaiPrices(parseLossless(GENAI) as unknown[]);

  test('are dated', () => {
    expect(models.get('openai')?.get('one')?.versions).toEqual([
      {
        from: null,
        table: { standard: { prices: { input: '5', output: '10' }, above: { 271999: { output: '20' } } } },
      },
      { from: '2026-08-21', table: { standard: { prices: { input: '4', web_search: '10000' } } } },
    ]);
    expect([...(models.get('openai')?.keys() ?? [])]).toEqual(['one', 'uno', 'one-']);
  });

  test('add what was before to the prices of another source', () => {
    const now = litellm(`{"one": {"litellm_provider": "openai", "input_cost_per_token": 4e-06,
      "output_cost_per_token_batches": 1e-06}, "two": {"litellm_provider": "openai", "input_cost_per_token": 1e-06}}`);
    const found: Disagreement[] = [];
    const merged = mergeModels(now, models, '2026-11-23', (one) => found.push(one));
    expect(merged.get('openai')?.get('one')?.versions).toEqual([
      {
        from: null,
        table: { standard: { prices: { input: '5', output: '10' }, above: { 271999: { output: '20' } } } },
      },
      {
        from: '2026-08-21',
        table: { standard: { prices: { input: '4', web_search: '10000' } }, batch: { prices: { output: '1' } } },
      },
    ]);
    expect(merged.get('openai')?.has('two')).toBe(true);
    expect(found).toEqual([]);
  });

  test('do not overrule it, and the difference is told', () => {
    const now = litellm('{"one": {"litellm_provider": "openai", "input_cost_per_token": 3e-06}}');
    const found: Disagreement[] = [];
    const merged = mergeModels(now, models, '2026-11-23', (one) => found.push(one));
    expect(merged.get('openai')?.get('one')?.versions).toHaveLength(1);
    expect(found).toMatchObject([{ model: 'openai/one', chosen: { input: '3' }, other: { input: '4' } }]);
  });
});

describe('a newer catalog', () => {
  const old = litellm(MODEL);

  test('that says the same changes nothing', () => {
    const same = updateModels(old, litellm(MODEL), '2026-12-01');
    expect(same.get('openai')?.get('acme/one')?.versions).toEqual(
      old.get('openai')?.get('acme/one')?.versions as never,
    );
  });

  test('changes prices from its day on', () => {
    const dearer = updateModels(old, litellm(MODEL.replace('1.30e-07', '1.4e-07')), '2026-12-01');
    const versions = dearer.get('openai')?.get('acme/one')?.versions ?? [];
    expect(versions.map(({ from, table: { standard } }) => [from, standard?.prices.input])).toEqual([
      [null, '0.13'],
      ['2026-12-01', '0.14'],
    ]);
  });

  test('is what was written', () => {
    const file = writeCatalog(
      '2026-11-23',
      [],
      updateModels(old, litellm(MODEL.replace('1.30e-07', '1.4e-07')), '2026-12-01'),
    );
    const read = readCatalog(checkCatalog(JSON.parse(JSON.stringify(file))));
    expect(writeCatalog('2026-11-23', [], read)).toEqual(file);
  });

  test.each([
    ['<html>', 'it is no price catalog: it holds no JSON'],
    ['[]', 'it is no price catalog: it holds no JSON object'],
    [MODEL, 'it is no price catalog: it has prices of 1 models'],
    ['{"format":2,"date":"2026-11-23"}', 'format'],
    [
      '{"format":1,"date":"2026-11-23","sources":[],"tables":[{"standard":"input=-1"}],"models":{}}',
      'tables.0.standard',
    ],
    [
      '{"format":1,"date":"2026-11-23","sources":[],"tables":[],"models":{"x":{"y":{"p":3}}}}',
      'models.x.y: no such prices',
    ],
  ])('that is none is refused: %s', (text, message) => {
    const current = writeCatalog('2026-11-23', [], old);
    expect(() => newCatalog(text, 'file', current, '2026-12-01')).toThrow(message);
  });
});
