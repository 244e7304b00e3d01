import type { PriceClass, PriceKind, Prices } from '../core/ledger/price-table.ts';

/** How a provider of ours bills, beyond what stands in a price table. */
export interface Vendor {
  /** The tables of the catalog that its models are in, in the order of asking. */
  readonly tables: readonly string[];
  /** What is billed as another kind where it has no price of its own. */
  readonly billedAs?: Readonly<Partial<Record<PriceKind, PriceKind>>>;
  /** Prices of what is billed by the call whatever the model, in US dollars a million. */
  readonly units?: Prices;
  /** Classes of service at the price of the standard one. */
  readonly atStandardPrice?: readonly PriceClass[];
}

/** Reading pictures costs what reading text costs, unless a vendor says otherwise; and thinking what answering costs. */
const EVERYWHERE: Readonly<Partial<Record<PriceKind, PriceKind>>> = {
  reasoning: 'output',
  inputImage: 'input',
  cacheReadAudio: 'cacheRead',
  cacheReadImage: 'cacheRead',
};

const OPENAI_BILLING = {
  // No discount is listed for some models and classes, and writing a cache costs extra only since GPT-5.6.
  // https://developers.openai.com/api/docs/pricing
  billedAs: { ...EVERYWHERE, cacheRead: 'input', cacheWrite: 'input' },
  units: { web_search: '10000', file_search: '2500' },
} as const satisfies Partial<Vendor>;

const GEMINI_BILLING = {
  // One price for all input where none is listed for audio. https://ai.google.dev/gemini-api/docs/pricing
  billedAs: { ...EVERYWHERE, inputAudio: 'input' },
} as const satisfies Partial<Vendor>;

const CLAUDE_SEARCH = { web_search: '10000' } as const;

const BEDROCK: Vendor = { tables: ['bedrock'] };
const DATABRICKS: Vendor = { tables: ['databricks'] };

/** By the canonical names of providers. Of those that are not here nothing is known: servers of one's own, gateways. */
const VENDORS: ReadonlyMap<string, Vendor> = new Map<string, Vendor>(
  Object.entries({
    ai21labs: { tables: ['ai21'] },
    'amazon-bedrock': BEDROCK,
    anthropic: { tables: ['anthropic'], units: CLAUDE_SEARCH },
    azure: { tables: ['azure', 'openai'], billedAs: OPENAI_BILLING.billedAs },
    bedrock: BEDROCK,
    // Nothing is said of a discount. https://cohere.com/pricing
    cohere: { tables: ['cohere'], billedAs: { ...EVERYWHERE, cacheRead: 'input' } },
    databricks: DATABRICKS,
    'databricks-model-serving': DATABRICKS,
    deepseek: { tables: ['deepseek'] },
    gemini: { tables: ['gemini'], ...GEMINI_BILLING },
    // https://console.groq.com/docs/flex-processing: the same rates as on demand.
    groq: { tables: ['groq'], atStandardPrice: ['flex'] },
    mistral: { tables: ['mistral'] },
    openai: { tables: ['openai'], ...OPENAI_BILLING },
    openrouter: { tables: ['openrouter'], billedAs: { ...EVERYWHERE, cacheWrite: 'input' } },
    togetherai: { tables: ['together_ai'], billedAs: { ...EVERYWHERE, cacheRead: 'input' } },
    vertex_ai: { tables: ['vertex_ai'], ...GEMINI_BILLING, units: CLAUDE_SEARCH },
    // https://docs.x.ai/docs/models: tools by the call, sources of live search.
    xai: { tables: ['xai'], units: { web_search: '5000', search_source: '25000' } },
  }),
);

const UNKNOWN: Vendor = { tables: [] };

/** Providers that pass on to others: the model's name begins with whom, in the words of the catalog's tables. */
const RESELLERS = new Set(['litellm', 'portkey']);

const PREFIX = /^@?([a-z0-9_]+)\/(.+)$/;

/** The vendor, and what it calls the model. */
export function vendorOf(provider: string, model: string): { readonly vendor: Vendor; readonly model: string } {
  if (RESELLERS.has(provider)) {
    const [, table, rest] = PREFIX.exec(model) ?? [];
    if (table === undefined || rest === undefined) return { vendor: UNKNOWN, model };
    const known = VENDORS.values().find(({ tables }) => tables[0] === table) ?? VENDORS.get(table);
    return { vendor: known ?? { tables: [table] }, model: rest };
  }
  return { vendor: VENDORS.get(provider) ?? UNKNOWN, model };
}

/** The vendors' words for their classes of service, in lower case; others have prices that nobody publishes. */
const CLASSES: ReadonlyMap<string, PriceClass> = new Map<string, PriceClass>(
  Object.entries({
    auto: 'standard',
    batch: 'batch',
    default: 'standard',
    flex: 'flex',
    on_demand: 'standard',
    on_demand_flex: 'flex',
    on_demand_priority: 'priority',
    priority: 'priority',
    scale: 'standard',
    standard: 'standard',
    standard_only: 'standard',
    traffic_type_unspecified: 'standard',
  }),
);

/** The class that a provider's word means; null for one that has no published prices. */
export function priceClassOf(serviceTier: string | null): PriceClass | null {
  return serviceTier === null ? 'standard' : (CLASSES.get(serviceTier.toLowerCase()) ?? null);
}

/** What a kind without a price of its own is billed as. */
export function billedAs(vendor: Vendor, kind: PriceKind): PriceKind | undefined {
  return (vendor.billedAs ?? EVERYWHERE)[kind];
}
