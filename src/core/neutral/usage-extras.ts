import { formatDecimal, parseDecimal } from '../ledger/money.ts';
import { isJsonObject, type JsonObject } from '../types.ts';
import type { Usage, UsageUnit } from './usage.ts';

/** Usage while it is read. */
export type UsageDraft = { -readonly [field in keyof Usage]: Usage[field] };

/** Digits that the decimals of costs may have; what providers send are floating-point numbers. */
const PLACES = 20;

/** A decimal of a number in JSON, exactly as it was written there. Null for no number. */
export function decimalOf(value: unknown): string | null {
  if (typeof value !== 'number' || !(value >= 0) || value === Number.POSITIVE_INFINITY) return null;
  const text = String(value);
  if (!text.includes('e')) return text;
  const exact = parseDecimal(text, PLACES);
  return exact === null ? value.toFixed(PLACES) : formatDecimal(exact, PLACES);
}

/** How many of xAI's ticks are a US dollar: 10^10. */
const TICK_PLACES = 10;

/**
 * What the provider charges, in US dollars, in the places that servers of OpenAI's format have for it: `cost`, its
 * `total_cost`, `cost_in_usd_ticks`, `estimated_cost`.
 */
export function providerCostOf(native: JsonObject): string | null {
  const { cost, cost_in_usd_ticks: ticks, estimated_cost: estimated } = native;
  if (cost !== undefined && cost !== null) return decimalOf(isJsonObject(cost) ? cost.total_cost : cost);
  if (typeof ticks === 'number' && Number.isSafeInteger(ticks) && ticks >= 0) {
    return formatDecimal(BigInt(ticks), TICK_PLACES);
  }
  return decimalOf(estimated);
}

export function addUnit(usage: UsageDraft, unit: UsageUnit, count: unknown): void {
  if (typeof count === 'number' && count > 0 && count < Number.POSITIVE_INFINITY) {
    usage.units = { ...usage.units, [unit]: (usage.units?.[unit] ?? 0) + count };
  }
}

/** The calls of a provider's own tools that are billed by the call. */
export function addServerTools(usage: UsageDraft, native: JsonObject): void {
  const { server_tool_use: anthropic, server_side_tool_usage_details: tools, num_sources_used: sources } = native;
  if (isJsonObject(anthropic)) addUnit(usage, 'web_search', anthropic.web_search_requests);
  if (isJsonObject(tools)) {
    addUnit(usage, 'web_search', tools.web_search_calls);
    addUnit(usage, 'web_search', tools.x_search_calls);
    addUnit(usage, 'file_search', tools.file_search_calls);
  }
  if (sources !== undefined) addUnit(usage, 'search_source', sources);
}
