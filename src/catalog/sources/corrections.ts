import { formatDollars, parseDollars } from '../../core/ledger/money.ts';
import type { ClassPrices, ModelInfo, PriceKind, Prices, PriceTable } from '../../core/ledger/price-table.ts';
import { TOKEN_BUCKETS } from '../../core/neutral/usage.ts';
import type { Models } from './models.ts';

/** What the published catalogs leave to whoever reads the vendors' pages. */
export function correct(models: Models): Models {
  for (const [table, name] of FREE) models.get(table)?.set(name, FREE_MODEL);
  for (const [table, alias, name] of ALIASES) {
    const group = models.get(table);
    const model = group?.get(name);
    if (group && model && !group.has(alias)) group.set(alias, model);
  }
  return new Map(
    [...models].map(([table, group]) => [
      table,
      new Map([...group].map(([name, model]) => [name, correctModel(table, name, model)])),
    ]),
  );
}

/** Known to cost nothing, which is not the same as unknown. https://developers.openai.com/api/docs/pricing */
const FREE = [
  ['openai', 'omni-moderation-latest'],
  ['openai', 'text-moderation-latest'],
  ['openai', 'text-moderation-stable'],
] as const;

const FREE_MODEL: ModelInfo = {
  versions: [{ from: null, table: { standard: { prices: { input: '0', output: '0', request: '0' } } } }],
  mode: 'moderation',
  capabilities: [],
};

/** Names without a version that stand for the newest one. https://docs.ai21.com/reference/jamba-1-6-api-ref */
const ALIASES = [
  ['ai21', 'jamba-large', 'jamba-large-1.7'],
  ['ai21', 'jamba-mini', 'jamba-mini-1.7'],
] as const;

function correctModel(table: string, name: string, model: ModelInfo): ModelInfo {
  return {
    ...model,
    versions: model.versions.map((version) => ({ ...version, table: correctTable(table, name, version.table) })),
  };
}

type Correction = (table: PriceTable) => PriceTable;

function correctTable(table: string, name: string, prices: PriceTable): PriceTable {
  const corrections: Correction[] = [];
  if (/claude/.test(name)) corrections.push(hourlyCaches(table === 'anthropic'));
  if (/claude/.test(name) && ['anthropic', 'vertex_ai'].includes(table))
    corrections.push(halfInBatches(table === 'anthropic'));
  if (['azure', 'gemini', 'openai', 'vertex_ai'].includes(table)) corrections.push(flexLikeBatch);
  if (/^gemini-[12]\./.test(name)) corrections.push(moved('web_search', 'grounded_request'));
  // Every request to these models searches. https://developers.openai.com/api/docs/pricing
  if (/-search-preview/.test(name)) corrections.push(moved('web_search', 'request'));
  if (table === 'openai' && AUDIO.has(name)) corrections.push(withAudio);
  return corrections.reduce((corrected, correction) => correction(corrected), prices);
}

/**
 * Keeping a cache for an hour costs twice the price of input, also in long prompts; catalogs do not always say so.
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
 */
const hourlyCaches =
  (always: boolean) =>
  (table: PriceTable): PriceTable => {
    const { standard } = table;
    if (!standard || !(always || standard.prices.cacheWriteLong !== undefined)) return table;
    const doubled = (prices: Prices): Prices =>
      prices.input === undefined || prices.cacheWrite === undefined
        ? prices
        : { ...prices, cacheWriteLong: formatDollars((parseDollars(prices.input) ?? 0n) * 2n) };
    const above = Object.entries(standard.above ?? {}).map(([from, prices]) => [from, doubled(prices)]);
    return {
      ...table,
      standard: { prices: doubled(standard.prices), ...(above.length > 0 && { above: Object.fromEntries(above) }) },
    };
  };

/**
 * Batches halve every price of tokens, those of caches too; some catalogs leave kinds out, and others round.
 * https://platform.claude.com/docs/en/about-claude/pricing
 */
const halfInBatches =
  (always: boolean) =>
  (table: PriceTable): PriceTable => {
    const { standard, batch } = table;
    if (!standard || !(always || batch)) return table;
    const halves = (prices: Prices): Prices =>
      Object.fromEntries(
        TOKEN_BUCKETS.flatMap((kind) => (prices[kind] === undefined ? [] : [[kind, half(prices[kind])]])),
      );
    if (batch && halves(standard.prices).input !== batch.prices.input) return table;
    const above = Object.entries(standard.above ?? {}).map(([from, prices]) => [from, halves(prices)]);
    const classPrices: ClassPrices = {
      prices: halves(standard.prices),
      ...(above.length > 0 && { above: Object.fromEntries(above) }),
    };
    return { ...table, batch: classPrices };
  };

function half(price: string): string {
  return formatDollars((parseDollars(price) ?? 0n) / 2n);
}

/** The two classes cost the same; catalogs name some of their prices for one of them only. https://ai.google.dev/gemini-api/docs/pricing */
function flexLikeBatch(table: PriceTable): PriceTable {
  const { batch, flex } = table;
  if (!batch || !flex || batch.prices.input !== flex.prices.input) return table;
  const above = { ...batch.above, ...flex.above };
  return {
    ...table,
    flex: {
      prices: { ...batch.prices, ...flex.prices },
      ...(Object.keys(above).length > 0 && { above }),
    },
  };
}

const AUDIO = new Set(['gpt-4o-audio-preview', 'gpt-4o-audio-preview-2025-06-03']);

/** The name without a date has meant the cheaper model since December 2024. https://developers.openai.com/api/docs/pricing */
function withAudio(table: PriceTable): PriceTable {
  const prices = { ...table.standard?.prices, inputAudio: '40', outputAudio: '80' };
  return { ...table, standard: { ...table.standard, prices } };
}

/** Another thing is billed at that price than the catalog can say. */
function moved(from: PriceKind, to: PriceKind): Correction {
  return (table) => {
    const { [from]: price, ...others } = table.standard?.prices ?? {};
    if (price === undefined) return table;
    return { ...table, standard: { ...table.standard, prices: { ...others, [to]: price } } };
  };
}
