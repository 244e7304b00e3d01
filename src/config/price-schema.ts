import { z } from 'zod';
import { formatDollars, parseDollars } from '../core/ledger/money.ts';
import type { PriceKind } from '../core/ledger/price-table.ts';

/** Beyond this, a number of YAML is not what stands in the file. */
const EXACT_DIGITS = 15;

/** A decimal of at least 0: a text, or a number that is short enough to be exact. Gives the text, without needless zeros. */
function decimal() {
  return z.union([z.string(), z.number()]).transform((input, context) => {
    const text = String(input).trim();
    const isExact = typeof input === 'string' || text.replace(/^0\.0*|[.-]|e.*$/g, '').length <= EXACT_DIGITS;
    const amount = isExact ? parseDollars(text) : null;
    if (amount !== null && amount >= 0n) return formatDollars(amount);
    const hint = isExact
      ? "for example 2.5 or '0.0375', with 12 decimal places at most"
      : 'put the number in quotes, so that no digit of it is lost';
    context.addIssue({ code: 'custom', message: 'Input should be an exact decimal of at least 0', params: { hint } });
    return z.NEVER;
  });
}

/** What a key of the file prices, and for how many. */
interface PriceKey {
  readonly kind: PriceKind;
  /** The price is for a million, or for each. */
  readonly per: 'million' | 'each';
  readonly description: string;
}

const tokens = (kind: PriceKind, description: string): PriceKey => ({ kind, per: 'million', description });
const each = (kind: PriceKind, description: string): PriceKey => ({ kind, per: 'each', description });

export const PRICE_KEYS = {
  input: tokens('input', 'A million tokens of the prompt.'),
  output: tokens('output', 'A million tokens of the answer.'),
  cache_read: tokens('cacheRead', 'A million tokens of the prompt that were read from a cache.'),
  cache_write: tokens('cacheWrite', 'A million tokens written to a cache.'),
  cache_write_1h: tokens('cacheWriteLong', 'A million tokens written to a cache for an hour.'),
  reasoning: tokens('reasoning', 'A million tokens of thinking. Default: as `output`.'),
  input_audio: tokens('inputAudio', 'A million tokens of audio in the prompt.'),
  input_image: tokens('inputImage', 'A million tokens of images in the prompt. Default: as `input`.'),
  output_audio: tokens('outputAudio', 'A million tokens of audio in the answer.'),
  output_image: tokens('outputImage', 'A million tokens of images in the answer.'),
  cache_read_audio: tokens('cacheReadAudio', 'A million cached tokens of audio. Default: as `cache_read`.'),
  cache_read_image: tokens('cacheReadImage', 'A million cached tokens of images. Default: as `cache_read`.'),
  character: tokens('character', 'A million characters that were spoken.'),
  request: each('request', 'Each request.'),
  grounded_request: each('grounded_request', 'Each request that searched the web, however often.'),
  web_search: each('web_search', 'Each search of the web.'),
  search_source: each('search_source', 'Each source that a search used.'),
  file_search: each('file_search', 'Each search of files.'),
  search_unit: each('search_unit', 'Each search of a ranking.'),
  image: each('image', 'Each image made.'),
  audio_second: each('audio_second', 'Each second of audio that was transcribed.'),
  page: each('page', 'Each page that was read.'),
} as const satisfies Readonly<Record<string, PriceKey>>;

export type PriceKeyName = keyof typeof PRICE_KEYS;

const priceShape = Object.fromEntries(
  Object.entries(PRICE_KEYS).map(([key, { description }]) => [
    key,
    decimal()
      .nullish()
      .meta({ description: `US dollars: ${description}` }),
  ]),
) as Record<PriceKeyName, z.ZodOptional<z.ZodNullable<ReturnType<typeof decimal>>>>;

const tier = z.object({
  above: z
    .int()
    .min(1)
    .meta({ description: 'Prompt tokens that a request must exceed. The whole request is priced so.' }),
  ...priceShape,
});

const tiers = z.array(tier).nullish().meta({ description: 'Other prices for requests with long prompts.' });
const priceClass = (what: string) =>
  z
    .object({ ...priceShape, tiers })
    .nullish()
    .meta({ description: `Prices of ${what}.` });

const pattern = (what: string) =>
  z
    .string()
    .min(1)
    .nullish()
    .meta({ description: `${what} that the prices are for; \`*\` stands for anything. Default: all.` });

const DAY = /^\d{4}-\d\d-\d\d(?:[T ].*)?$/;

const validFrom = z
  .union([z.date(), z.string()])
  .transform((input, context) => {
    const time = input instanceof Date ? input.getTime() : DAY.test(input) ? Date.parse(input) : Number.NaN;
    if (!Number.isNaN(time)) return time;
    const message = 'Input should be a date';
    context.addIssue({ code: 'custom', message, params: { hint: 'for example 2026-09-01, in UTC' } });
    return z.NEVER;
  })
  .nullish()
  .meta({
    description: 'The day on which the prices begin, for example 2026-09-01. Default: they hold for all times.',
  });

export const priceSchema = z.object({
  endpoint: pattern('The endpoint'),
  provider: pattern('The provider'),
  model: pattern('The model, as configured or as the provider names it,'),
  valid_from: validFrom,
  currency: z.literal('USD').nullish().meta({ description: 'Always US dollars.' }),
  free: z.boolean().nullish().meta({ description: 'Costs nothing, such as a model on hardware of one’s own.' }),
  multiplier: decimal().nullish().meta({
    description: 'Multiplies the prices of the catalog: 0.9 for a discount of 10 %, 1.1 for a regional surcharge.',
  }),
  ...priceShape,
  tiers,
  batch: priceClass('batches'),
  flex: priceClass('the class `flex`'),
  priority: priceClass('the class `priority`'),
});

export const pricesSchema = z.array(priceSchema);
