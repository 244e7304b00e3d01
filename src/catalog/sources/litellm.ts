import { formatDecimal, parseDecimal } from '../../core/ledger/money.ts';
import type {
  Capability,
  ClassPrices,
  ModelInfo,
  PriceClass,
  PriceHours,
  PriceKind,
  Prices,
  PriceTable,
  PriceVersion,
} from '../../core/ledger/price-table.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { Digits } from './lossless-json.ts';
import { type Models, perMillion } from './models.ts';

/**
 * LiteLLM's published prices, `model_prices_and_context_window.json`: one object a model, a field for each price, US
 * dollars for one token, and the words for tiers and classes in the field's name.
 */
export function readLiteLLM(file: JsonObject): Models {
  const models: Models = new Map();
  for (const [key, entry] of Object.entries(file)) {
    if (!isJsonObject(entry) || typeof entry.litellm_provider !== 'string') continue;
    const table = TABLES[entry.litellm_provider];
    if (table === undefined) continue;
    const info = readModel(entry);
    if (info === null) continue;
    const group = models.get(table) ?? new Map<string, ModelInfo>();
    models.set(table, group);
    const name = key.startsWith(`${entry.litellm_provider}/`) ? key.slice(entry.litellm_provider.length + 1) : key;
    const short = name.startsWith(`${table}/`) ? name.slice(table.length + 1) : name;
    group.set(PREFIXED.has(table) ? short.replace(/^vertex_ai\//, '') : short, info);
  }
  return models;
}

const PREFIXED = new Set(['vertex_ai']);

/** LiteLLM's providers, and the tables of ours that they go to. Others, mostly of videos and voices, are left out. */
const TABLES: Readonly<Record<string, string>> = {
  ai21: 'ai21',
  anthropic: 'anthropic',
  azure: 'azure',
  azure_text: 'azure',
  azure_ai: 'azure_ai',
  bedrock: 'bedrock',
  bedrock_converse: 'bedrock',
  cerebras: 'cerebras',
  codestral: 'mistral',
  cohere: 'cohere',
  cohere_chat: 'cohere',
  dashscope: 'dashscope',
  databricks: 'databricks',
  deepinfra: 'deepinfra',
  deepseek: 'deepseek',
  fireworks_ai: 'fireworks_ai',
  'fireworks_ai-embedding-models': 'fireworks_ai',
  gemini: 'gemini',
  groq: 'groq',
  minimax: 'minimax',
  mistral: 'mistral',
  moonshot: 'moonshot',
  openai: 'openai',
  openrouter: 'openrouter',
  perplexity: 'perplexity',
  sambanova: 'sambanova',
  'text-completion-openai': 'openai',
  together_ai: 'together_ai',
  vertex_ai: 'vertex_ai',
  'vertex_ai-ai21_models': 'vertex_ai',
  'vertex_ai-anthropic_models': 'vertex_ai',
  'vertex_ai-deepseek_models': 'vertex_ai',
  'vertex_ai-embedding-models': 'vertex_ai',
  'vertex_ai-language-models': 'vertex_ai',
  'vertex_ai-llama_models': 'vertex_ai',
  'vertex_ai-mistral_models': 'vertex_ai',
  'vertex_ai-openai_models': 'vertex_ai',
  'vertex_ai-qwen_models': 'vertex_ai',
  'vertex_ai-text-models': 'vertex_ai',
  'vertex_ai-chat-models': 'vertex_ai',
  'vertex_ai-vision-models': 'vertex_ai',
  voyage: 'voyage',
  xai: 'xai',
  zai: 'zai',
};

const TOKEN_FIELDS: Readonly<Record<string, PriceKind>> = {
  input_cost_per_token: 'input',
  output_cost_per_token: 'output',
  cache_read_input_token_cost: 'cacheRead',
  cache_creation_input_token_cost: 'cacheWrite',
  cache_creation_input_token_cost_above_1hr: 'cacheWriteLong',
  cache_read_input_audio_token_cost: 'cacheReadAudio',
  cache_read_input_image_token_cost: 'cacheReadImage',
  input_cost_per_audio_token: 'inputAudio',
  input_cost_per_image_token: 'inputImage',
  output_cost_per_reasoning_token: 'reasoning',
  output_cost_per_audio_token: 'outputAudio',
  output_cost_per_image_token: 'outputImage',
  input_cost_per_request: 'request',
  input_cost_per_character: 'character',
  input_cost_per_query: 'search_unit',
  ocr_cost_per_page: 'page',
};

const CLASSES: Readonly<Record<string, PriceClass>> = { batches: 'batch', flex: 'flex', priority: 'priority' };

const FIELD = /^(.+?)(?:_above_(\d+)k_tokens)?(?:_(batches|flex|priority))?$/;

const NO_TIER = '';

/** Prices by class, and within it by the prompt length that they begin above. */
type Collected = Map<PriceClass, Map<string, Partial<Record<PriceKind, string>>>>;

function readModel(entry: JsonObject): ModelInfo | null {
  const collected: Collected = new Map();
  for (const [field, value] of Object.entries(entry)) {
    const [, name = '', thousands, suffix] = FIELD.exec(field) ?? [];
    const kind = TOKEN_FIELDS[name] ?? unitOf(name, entry);
    const price = perMillion(value, 1_000_000n);
    if (kind === undefined || price === null) continue;
    put(collected, CLASSES[suffix ?? ''] ?? 'standard', thousands ? `${thousands}000` : NO_TIER, kind, price);
  }
  collectTiers(entry, collected);
  collectSearches(entry, collected);
  const table = tableOf(collected, entry);
  if (table === null) return null;
  return {
    versions: [{ from: null, table }, ...offPeak(entry, table)],
    ...numberField('context', entry.max_input_tokens),
    ...numberField('maxOutput', entry.max_output_tokens),
    ...(typeof entry.mode === 'string' && { mode: entry.mode }),
    capabilities: capabilitiesOf(entry),
    ...(typeof entry.deprecation_date === 'string' &&
      /^\d{4}-\d\d-\d\d$/.test(entry.deprecation_date) && { retired: entry.deprecation_date }),
  };
}

/** Fields whose meaning hangs on what the model does. */
function unitOf(name: string, entry: JsonObject): PriceKind | undefined {
  if (name === 'input_cost_per_second' && entry.mode === 'audio_transcription') {
    return entry.input_cost_per_audio_token === undefined ? 'audio_second' : undefined;
  }
  // Where image tokens are billed as well, the price of an image is only their sum.
  const isImageModel = entry.mode === 'image_generation' && entry.output_cost_per_image_token === undefined;
  return name === 'output_cost_per_image' && isImageModel ? 'image' : undefined;
}

function put(collected: Collected, name: PriceClass, tier: string, kind: PriceKind, price: string): void {
  const tiers = collected.get(name) ?? new Map<string, Partial<Record<PriceKind, string>>>();
  collected.set(name, tiers);
  const prices = tiers.get(tier) ?? {};
  tiers.set(tier, prices);
  prices[kind] = price;
}

/** Another way to write tiers: a list of ranges of the prompt's length. */
function collectTiers({ tiered_pricing: tiers }: JsonObject, collected: Collected): void {
  if (!Array.isArray(tiers)) return;
  for (const tier of tiers) {
    if (!isJsonObject(tier) || !Array.isArray(tier.range)) continue;
    const start: unknown = tier.range[0];
    const above = start instanceof Digits ? formatDecimal(parseDecimal(start.text, 0) ?? 0n, 0) : '0';
    for (const [field, value] of Object.entries(tier)) {
      const kind = TOKEN_FIELDS[field];
      const price = perMillion(value, 1_000_000n);
      if (kind && price !== null) put(collected, 'standard', above === '0' ? NO_TIER : above, kind, price);
    }
  }
}

function collectSearches({ search_context_cost_per_query: costs }: JsonObject, collected: Collected): void {
  if (!isJsonObject(costs)) return;
  const price = perMillion(costs.search_context_size_medium, 1_000_000n);
  if (price !== null && price !== '0') put(collected, 'standard', NO_TIER, 'web_search', price);
}

function tableOf(collected: Collected, entry: JsonObject): PriceTable | null {
  const standard = collected.get('standard')?.get(NO_TIER);
  // Nothing but zeros says that nobody noted a price.
  if (!standard || Object.values(standard).every((price) => price === '0')) return null;
  const table: { -readonly [name in PriceClass]?: ClassPrices } = {};
  for (const [name, tiers] of collected) {
    const { [NO_TIER]: prices = {}, ...above } = Object.fromEntries(tiers);
    table[name] = { prices: slim(prices), ...(Object.keys(above).length > 0 && { above }) };
  }
  const multipliers = multipliersOf(entry.provider_specific_entry);
  return { ...table, ...(multipliers && { multipliers }) };
}

/** What is billed like another kind where nothing is said; said, it would stay behind where the other one changes. */
const IMPLIED = [
  ['reasoning', 'output'],
  ['inputImage', 'input'],
  ['cacheReadAudio', 'cacheRead'],
  ['cacheReadImage', 'cacheRead'],
] as const;

function slim(prices: Partial<Record<PriceKind, string>>): Prices {
  const others = { ...prices };
  for (const [kind, like] of IMPLIED) if (prices[kind] === prices[like]) delete others[kind];
  return others;
}

function multipliersOf(entry: unknown): Readonly<Record<string, string>> | null {
  if (!isJsonObject(entry)) return null;
  const factors = Object.entries(entry).flatMap(([name, value]) =>
    value instanceof Digits ? [[name, value.text.replace(/\.0+$/, '')]] : [],
  );
  return factors.length > 0 ? Object.fromEntries(factors) : null;
}

/** The prices of quiet hours, as one more version. */
function offPeak({ off_peak_pricing: quiet }: JsonObject, peak: PriceTable): PriceVersion[] {
  if (!isJsonObject(quiet) || !Array.isArray(quiet.windows)) return [];
  const prices: Partial<Record<PriceKind, string>> = { ...peak.standard?.prices };
  for (const [field, value] of Object.entries(quiet)) {
    const kind = TOKEN_FIELDS[field];
    const price = perMillion(value, 1_000_000n);
    if (kind && price !== null) prices[kind] = price;
  }
  const hours = quiet.windows.flatMap((window): PriceHours[] => {
    if (!isJsonObject(window)) return [];
    const minutes = [window.hours_utc].flat().flatMap(minutesOf);
    const days = Array.isArray(window.weekdays) ? window.weekdays.map((day) => Number((day as Digits).text)) : null;
    return [{ minutes, ...(days && { days }) }];
  });
  return [{ from: null, hours, table: { standard: { prices } } }];
}

/** `04:00-06:00`; a day that ends at midnight ends at 1440. */
function minutesOf(range: unknown): Array<readonly [number, number]> {
  const [, ...digits] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(String(range)) ?? [];
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = digits.map(Number);
  return digits.length === 0 ? [] : [[fromHour * 60 + fromMinute, toHour * 60 + toMinute || 1440]];
}

function numberField(name: 'context' | 'maxOutput', value: unknown): { context?: number; maxOutput?: number } {
  const number = value instanceof Digits ? Number(value.text) : 0;
  return number > 0 ? { [name]: number } : {};
}

const CAPABILITY_FIELDS: ReadonlyArray<readonly [string, Capability]> = [
  ['supports_function_calling', 'tools'],
  ['supports_vision', 'vision'],
  ['supports_audio_input', 'audio_input'],
  ['supports_audio_output', 'audio_output'],
  ['supports_pdf_input', 'documents'],
  ['supports_response_schema', 'json_schema'],
  ['supports_reasoning', 'reasoning'],
  ['supports_prompt_caching', 'prompt_cache'],
  ['supports_web_search', 'web_search'],
];

function capabilitiesOf(entry: JsonObject): Capability[] {
  return CAPABILITY_FIELDS.flatMap(([field, capability]) => (entry[field] === true ? [capability] : []));
}
