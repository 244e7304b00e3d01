import { describe, expect, test } from 'bun:test';
import { bundledCatalog } from '../../src/catalog/catalog.ts';
import { Pricer } from '../../src/catalog/pricer.ts';
import { mergeUsage, readUsage as readAnthropic } from '../../src/core/anthropic/usage.ts';
import { readAnswerUsage as readGemini, readUsage as readGeminiUsage } from '../../src/core/gemini/usage.ts';
import { formatDollars } from '../../src/core/ledger/money.ts';
import { completionTokens, promptTokens, TOKEN_BUCKETS, type Usage } from '../../src/core/neutral/usage.ts';
import { readAnswerUsage as readOpenAI } from '../../src/core/openai/usage.ts';
import type { JsonObject } from '../../src/core/types.ts';
import { ResponsesStream } from '../../src/dialects/responses/stream.ts';
import { readAnswerUsage as readResponses } from '../../src/dialects/responses/usage.ts';
import { newReading, noteChunk } from '../../src/dialects/stream-reading.ts';
import { addTurn, readRelayedAnswer, readRelayedUsage } from '../../src/gateway/relay/usage.ts';
import { converseUsage, plainUsage } from '../../src/providers/bedrock/usage.ts';
import { readUsage as readCohere } from '../../src/providers/cohere/usage.ts';
import { readUsage as readMistral } from '../../src/providers/mistral/usage.ts';
import invoices from './invoices.json' with { type: 'json' };

/**
 * What vendors answer, and what they bill for it by their price pages. The lines were written down from those pages, and
 * their sums worked out, without this program.
 */
interface Invoice {
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly servedModel?: string;
  readonly serviceTier?: string;
  readonly operation?: string;
  readonly time?: string;
  readonly reader: string;
  /** The answer; of a stream its events, of a conversation the usage of its turns. */
  readonly answer: unknown;
  /** Kind, quantity, US dollars a million. */
  readonly lines?: ReadonlyArray<readonly [kind: string, quantity: number | string, price: string]>;
  readonly cost?: string;
  readonly reason?: string;
  readonly providerCost?: string;
  /** The vendor's price page. */
  readonly page: string;
}

const INVOICES = invoices as unknown as readonly Invoice[];

const single = (read: (answer: JsonObject) => Usage | null) => (answer: unknown) => read(answer as JsonObject);
const several = (read: (events: readonly JsonObject[]) => Usage | null) => (answer: unknown) =>
  read(answer as readonly JsonObject[]);

const READERS: Readonly<Record<string, (answer: unknown) => Usage | null>> = {
  openai: single(readOpenAI),
  'openai.stream': several((chunks) => {
    const reading = newReading();
    for (const chunk of chunks) noteChunk(reading, chunk);
    return reading.usage;
  }),
  responses: single(readResponses),
  'responses.stream': several((events) => {
    const stream = new ResponsesStream();
    for (const event of events) stream.rewrite(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    return stream.reading.usage;
  }),
  anthropic: single(({ usage }) => readAnthropic(usage)),
  'anthropic.stream': several((counts) =>
    readAnthropic(counts.reduce<JsonObject | null>((sum, count) => mergeUsage(sum, count), null)),
  ),
  gemini: single(readGemini),
  'gemini.usage': single(readGeminiUsage),
  bedrock: single(({ usage, serviceTier }) => converseUsage(usage, serviceTier)),
  'bedrock.plain': single(({ inputTextTokenCount }) => plainUsage(inputTextTokenCount, 0)),
  cohere: single(({ usage }) => readCohere(usage)),
  'cohere.meta': single(({ meta }) => readCohere(meta)),
  mistral: single(({ usage }) => readMistral(usage)),
  relay: single(readRelayedAnswer),
  realtime: several((turns) => turns.reduce<Usage | null>((sum, turn) => addTurn(sum, readRelayedUsage(turn)), null)),
};

const pricer = new Pricer(await bundledCatalog());

function bill(invoice: Invoice): { readonly usage: Usage | null; readonly pricing: ReturnType<Pricer['price']> } {
  const read = READERS[invoice.reader];
  if (!read) throw new Error(`no reader ${invoice.reader}`);
  const usage = read(invoice.answer);
  const pricing = pricer.price({
    attempts: [],
    clientClosed: false,
    endpoint: 'endpoint',
    model: invoice.model,
    provider: invoice.provider,
    servedModel: invoice.servedModel ?? null,
    serviceTier: invoice.serviceTier ?? null,
    status: 200,
    time: Date.parse(invoice.time ?? '2026-11-20T12:00:00Z'),
    usage,
  });
  return { usage, pricing };
}

describe('the invoice of', () => {
  test.each(INVOICES.map((invoice) => [`${invoice.provider}: ${invoice.name}`, invoice] as const))(
    '%s',
    (_, invoice) => {
      const { usage, pricing } = bill(invoice);
      expect(pricing.cost === null ? null : formatDollars(pricing.cost)).toBe(invoice.cost ?? null);
      expect(pricing.reason).toBe(invoice.reason ?? null);
      expect(pricing.lines.map(({ kind, quantity, pricePerMillion }) => [kind, quantity, pricePerMillion])).toEqual(
        (invoice.lines ?? []).map(([kind, quantity, price]) => [kind, Number(quantity), price]),
      );
      expect(usage?.providerCost).toBe(invoice.providerCost as never);
    },
  );
});

test('the lines add up to the cost, and the buckets to what the provider counted', () => {
  for (const invoice of INVOICES) {
    const { usage, pricing } = bill(invoice);
    if (pricing.cost !== null) expect(pricing.lines.reduce((sum, { cost }) => sum + cost, 0n)).toBe(pricing.cost);
    if (usage === null) continue;
    expect(TOKEN_BUCKETS.every((bucket) => usage[bucket] >= 0)).toBe(true);
    const native = usage.native ?? {};
    const total = native.total_tokens ?? native.totalTokenCount ?? native.totalTokens;
    if (typeof total === 'number') expect(promptTokens(usage) + completionTokens(usage)).toBe(total);
  }
});

test('every provider is there', () => {
  const named = new Set(INVOICES.map(({ provider }) => provider));
  expect(INVOICES.length).toBeGreaterThanOrEqual(80);
  expect(named.size).toBeGreaterThanOrEqual(22);
});
