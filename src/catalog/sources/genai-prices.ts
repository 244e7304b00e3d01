import type { ModelInfo, PriceHours, PriceKind, PriceTable, PriceVersion } from '../../core/ledger/price-table.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { Digits } from './lossless-json.ts';
import { type Models, perMillion } from './models.ts';

/** Our tables for the providers of the package. What Google serves is in both of its tables. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  anthropic: ['anthropic'],
  aws: ['bedrock'],
  azure: ['azure'],
  cerebras: ['cerebras'],
  cohere: ['cohere'],
  deepseek: ['deepseek'],
  fireworks: ['fireworks_ai'],
  google: ['gemini', 'vertex_ai'],
  groq: ['groq'],
  mistral: ['mistral'],
  moonshotai: ['moonshot'],
  openai: ['openai'],
  openrouter: ['openrouter'],
  perplexity: ['perplexity'],
  together: ['together_ai'],
  voyageai: ['voyage'],
  'x-ai': ['xai'],
};

/** Prices of the package by key, and how many of a unit each is for. */
const KEYS: Readonly<Record<string, readonly [PriceKind, number]>> = {
  input_mtok: ['input', 1e6],
  output_mtok: ['output', 1e6],
  cache_read_mtok: ['cacheRead', 1e6],
  cache_write_mtok: ['cacheWrite', 1e6],
  cache_write_1h_mtok: ['cacheWriteLong', 1e6],
  input_audio_mtok: ['inputAudio', 1e6],
  output_audio_mtok: ['outputAudio', 1e6],
  input_image_mtok: ['inputImage', 1e6],
  output_image_mtok: ['outputImage', 1e6],
  cache_audio_read_mtok: ['cacheReadAudio', 1e6],
  cache_image_read_mtok: ['cacheReadImage', 1e6],
  output_reasoning_mtok: ['reasoning', 1e6],
  web_searches_kcount: ['web_search', 1e3],
  storage_searches_kcount: ['file_search', 1e3],
  requests_kcount: ['request', 1e3],
  input_document_kpages: ['page', 1e3],
};

/** The data of `genai-prices`: providers with models, each with dated prices for a million. */
export function readGenaiPrices(file: readonly unknown[]): Models {
  const models: Models = new Map();
  for (const provider of file) {
    if (!isJsonObject(provider) || !Array.isArray(provider.models)) continue;
    for (const table of TABLES[String(provider.id)] ?? []) {
      const group = new Map<string, ModelInfo>();
      models.set(table, group);
      for (const model of provider.models) if (isJsonObject(model)) addModel(model, table, group);
    }
  }
  return models;
}

function addModel(model: JsonObject, table: string, group: Map<string, ModelInfo>): void {
  const id = String(model.id);
  // Google serves other vendors' models on its cloud only.
  if (table === 'gemini' && id.startsWith('claude')) return;
  const isFree = id.endsWith(':free');
  const versions = [model.prices].flat().flatMap((prices) => readVersion(prices, isFree) ?? []);
  if (versions.length === 0) return;
  const context = model.context_window instanceof Digits ? Number(model.context_window.text) : 0;
  const info: ModelInfo = { versions, capabilities: [], ...(context > 0 && { context }) };
  for (const name of [id, ...namesOf(model.match)]) if (!group.has(name)) group.set(name, info);
}

/** Names in a rule of matching that stand for themselves, or for what begins with them. */
function namesOf(match: unknown): string[] {
  if (!isJsonObject(match)) return [];
  if (Array.isArray(match.or)) return match.or.flatMap(namesOf);
  return [match.equals, match.starts_with].filter((name) => typeof name === 'string');
}

function readVersion(value: unknown, isFree: boolean): PriceVersion | null {
  if (!isJsonObject(value)) return null;
  if (!isJsonObject(value.prices)) return version(null, undefined, value, isFree);
  const { constraint } = value;
  if (!isJsonObject(constraint)) return version(null, undefined, value.prices, isFree);
  if (constraint.type === 'start_date') return version(String(constraint.start_date), undefined, value.prices, isFree);
  const minutes = [minuteOf(constraint.start_time), minuteOf(constraint.end_time)] as const;
  return version(null, [{ minutes: [minutes] }], value.prices, isFree);
}

function minuteOf(time: unknown): number {
  const [, hours = '0', minutes = '0'] = /^(\d\d):(\d\d)/.exec(String(time)) ?? [];
  return Number(hours) * 60 + Number(minutes);
}

function version(
  from: string | null,
  hours: readonly PriceHours[] | undefined,
  prices: JsonObject,
  isFree: boolean,
): PriceVersion | null {
  const table = readTable(prices, isFree);
  return table && { from, ...(hours && { hours }), table };
}

function readTable(prices: JsonObject, isFree: boolean): PriceTable | null {
  const base: Partial<Record<PriceKind, string>> = isFree ? { input: '0', output: '0' } : {};
  const above: Record<string, Partial<Record<PriceKind, string>>> = {};
  for (const [key, value] of Object.entries(prices)) {
    const [kind, per] = KEYS[key] ?? [];
    if (kind === undefined || per === undefined) continue;
    const scale = BigInt(1e6 / per);
    const { base: first = value, tiers } = value instanceof Digits || !isJsonObject(value) ? {} : value;
    const price = perMillion(first, scale);
    if (price !== null) base[kind] = price;
    for (const tier of Array.isArray(tiers) ? tiers : []) addTier(tier, kind, scale, above);
  }
  if (Object.keys(base).length === 0) return null;
  const isUnpriced = !isFree && Object.values(base).every((price) => price === '0');
  if (isUnpriced) return null;
  return { standard: { prices: base, ...(Object.keys(above).length > 0 && { above }) } };
}

function addTier(
  tier: unknown,
  kind: PriceKind,
  scale: bigint,
  above: Record<string, Partial<Record<PriceKind, string>>>,
): void {
  if (!isJsonObject(tier) || !(tier.start instanceof Digits)) return;
  const price = perMillion(tier.price, scale);
  if (price === null) return;
  const prices = above[tier.start.text] ?? {};
  above[tier.start.text] = prices;
  prices[kind] = price;
}
