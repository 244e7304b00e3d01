import type { PriceOverride } from '../config/price-types.ts';
import { type PriceKind, UNIT_KINDS } from '../core/ledger/price-table.ts';
import type { CostLine, Picodollars, Pricing } from '../core/ledger/pricing.ts';
import type { RequestRecord, UsageRecord } from '../core/ledger/request-record.ts';
import { promptTokens, TOKEN_BUCKETS, type UsageUnits } from '../core/neutral/usage.ts';
import type { Catalog } from './catalog.ts';
import { type PricePlan, planPrices } from './price-plan.ts';
import { type DatedTariff, resolveTariffs, tariffAt } from './resolve.ts';
import { costAt, type Rates, type Tariff } from './tariff.ts';

/** What of a record its price hangs on. */
export type PricedRequest = Pick<
  RequestRecord,
  | 'attempts'
  | 'clientClosed'
  | 'endpoint'
  | 'model'
  | 'provider'
  | 'servedModel'
  | 'serviceTier'
  | 'status'
  | 'time'
  | 'usage'
>;

type TariffRequest = Pick<PricedRequest, 'endpoint' | 'model' | 'provider' | 'servedModel' | 'serviceTier'>;

/** How many models times classes are kept compiled; names come from clients' requests too. */
const KEPT = 10_000;

/** Says what requests cost. Made anew when the catalog or the configuration changes. */
export class Pricer {
  readonly #catalog: Catalog;
  readonly #overrides: readonly PriceOverride[];
  readonly #tariffs = new Map<string, readonly DatedTariff[]>();

  constructor(catalog: Catalog, overrides: readonly PriceOverride[] = []) {
    this.#catalog = catalog;
    this.#overrides = overrides;
  }

  price(request: PricedRequest): Pricing {
    const { usage } = request;
    if (usage === null && cameToNothing(request)) return NOTHING;
    if (request.provider === null) return unpriced(usage === null ? 'no_usage' : 'unknown_model', null);
    const tariffs = this.#tariffsOf(request, request.provider, usage);
    const [only] = tariffs;
    const dated = tariffs.length === 1 && only?.always === true ? only : tariffAt(tariffs, request.time);
    if (!dated) return unpriced(usage === null ? 'no_usage' : 'unknown_model', null);
    if (!dated.tariff) return unpriced(`no_price:${dated.missing}`, dated.source);
    return usage === null ? priceRequest(dated) : priceUsage(usage, dated.tariff, dated.source);
  }

  /** For requests without a service tier, or anything in their usage but the buckets. */
  plan(request: Pick<PricedRequest, 'endpoint' | 'model' | 'provider' | 'servedModel'>): PricePlan {
    if (request.provider === null) return planPrices([]);
    return planPrices(this.#tariffsOf({ ...request, serviceTier: null }, request.provider, null));
  }

  #tariffsOf(request: TariffRequest, provider: string, usage: UsageRecord | null): readonly DatedTariff[] {
    const tier = request.serviceTier ?? usage?.serviceTier ?? null;
    const modifiers = usage?.modifiers ?? NO_MODIFIERS;
    const key = `${provider}\n${request.model}\n${request.servedModel}\n${tier}\n${request.endpoint}\n${modifiers}`;
    const known = this.#tariffs.get(key);
    if (known) return known;
    const { endpoint, model, servedModel } = request;
    const found = resolveTariffs(
      this.#catalog,
      this.#overrides,
      { endpoint, provider, model, servedModel },
      tier,
      modifiers,
    );
    if (this.#tariffs.size >= KEPT) this.#tariffs.clear();
    this.#tariffs.set(key, found);
    return found;
  }
}

const NO_MODIFIERS: readonly string[] = [];

/** A request that was refused, here or by the provider, has bought nothing; one that was given up may have. */
function cameToNothing({ attempts, clientClosed, status }: PricedRequest): boolean {
  if (status < 400 || clientClosed) return false;
  return attempts.every((attempt) => attempt.status !== null && attempt.status >= 400);
}

const NOTHING: Pricing = { cost: 0n, lines: [], source: null, reason: null };

function unpriced(reason: string, source: string | null): Pricing {
  return { cost: null, lines: [], source, reason };
}

/** Without counts, a model is priced that costs the same for every request, or nothing. */
function priceRequest({ tariff, source }: DatedTariff): Pricing {
  const rates = tariff?.bands.at(-1)?.rates ?? {};
  const isByRequest =
    rates.request !== undefined && [rates.input, rates.output].every((rate) => !rate || rate.perMillion === 0n);
  if (!isByRequest) return unpriced('no_usage', source);
  const bill = new Bill(rates);
  bill.add('request', 1);
  return { cost: bill.cost, lines: bill.lines, source, reason: null };
}

function priceUsage(usage: UsageRecord, { bands }: Tariff, source: string): Pricing {
  const { rates } = bands.length === 1 ? (bands[0] ?? NO_BAND) : bandFor(bands, promptTokens(usage));
  const bill = new Bill(rates);
  if (usage.billed) addBilled(bill, usage, usage.billed);
  else addTokens(bill, usage);
  if (usage.units) addUnits(bill, usage.units, rates);
  if (rates.request) bill.add('request', 1);
  if (bill.missing !== null) return unpriced(`no_price:${bill.missing}`, source);
  return { cost: bill.cost, lines: bill.lines, source, reason: null };
}

const NO_BAND: Tariff['bands'][number] = { above: -1, rates: {} };

function bandFor(bands: Tariff['bands'], tokens: number): Tariff['bands'][number] {
  for (const band of bands) if (tokens > band.above) return band;
  return NO_BAND;
}

function addTokens(bill: Bill, usage: UsageRecord): void {
  const { cacheReadAudio = 0, cacheReadImage = 0 } = usage;
  for (const kind of TOKEN_BUCKETS) {
    const tokens = usage[kind];
    if (tokens > 0) bill.add(kind, kind === 'cacheRead' ? tokens - cacheReadAudio - cacheReadImage : tokens);
  }
  if (cacheReadAudio > 0) bill.add('cacheReadAudio', cacheReadAudio);
  if (cacheReadImage > 0) bill.add('cacheReadImage', cacheReadImage);
}

function addUnits(bill: Bill, units: UsageUnits, rates: Rates): void {
  for (const kind of UNIT_KINDS) {
    const quantity = units[kind] ?? 0;
    const isByRequest = kind === 'web_search' && quantity > 0 && rates.grounded_request !== undefined;
    if (isByRequest) bill.add('grounded_request', 1);
    else bill.add(kind, quantity);
  }
}

/** Where the provider bills fewer tokens than it counts. */
function addBilled(bill: Bill, usage: UsageRecord, billed: NonNullable<UsageRecord['billed']>): void {
  bill.add('input', billed.input);
  bill.add('inputImage', usage.inputImage);
  bill.add('output', billed.output);
}

/** The lines of one request as they add up. */
class Bill {
  readonly lines: CostLine[] = [];
  cost: Picodollars = 0n;
  /** The first kind in use that has no price. */
  missing: PriceKind | null = null;
  readonly #rates: Rates;

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  add(kind: PriceKind, quantity: number): void {
    if (!(quantity > 0)) return;
    const rate = this.#rates[kind];
    if (!rate) {
      this.missing ??= kind;
      return;
    }
    const cost = costAt(rate, quantity);
    this.cost += cost;
    this.lines.push({ kind, quantity, pricePerMillion: rate.text, cost });
  }
}
