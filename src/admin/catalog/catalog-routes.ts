import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { integer, text } from '../parameters/parameters.ts';
import { type AdminRoute, jsonRoute } from '../route.ts';
import { dollars, kindName } from '../shapes/figures.ts';

const price = z
  .strictObject({
    kind: z.string().meta({ description: 'A bucket of tokens, or `request`, `web_search` and the like.' }),
    per_million: dollars,
    class: z.string().meta({ description: 'The class of service: `standard`, `batch`, `flex` or `priority`.' }),
    above: z.int().nullable().meta({ description: 'Of requests whose prompt has more tokens than this.' }),
  })
  .meta({ id: 'CatalogPrice' });

const model = z
  .strictObject({
    provider: z.string().meta({ description: 'The vendor, as the catalog names it.' }),
    model: z.string(),
    mode: z.string().nullable(),
    context_window: z.int().nullable().meta({ description: 'Tokens.' }),
    max_output: z.int().nullable().meta({ description: 'Tokens.' }),
    capabilities: z.array(z.string()),
    retired: z.string().nullable().meta({ description: 'The day on which the vendor retires it.' }),
    prices_from: z.string().nullable().meta({ description: 'The day from which these prices hold.' }),
    prices: z.array(price),
  })
  .meta({ id: 'CatalogModel' });

const models = jsonRoute({
  method: 'GET',
  permission: 'catalog:read',
  tag: 'Catalog',
  path: '/catalog/models',
  operationId: 'catalogModels',
  summary: 'Models that are known, with their context, capabilities and prices.',
  parameters: z.object({
    search: text('Part of the name of a model or provider.').default(''),
    provider: text('Only of this provider.').optional(),
    capability: text('Only with this capability.').optional(),
    context: integer(0, 1_000_000_000, 'Only with at least so many tokens of context.').optional(),
    offset: integer(0, 1_000_000, 'How many to pass over.').default(0),
    limit: integer(1, 500, 'How many. Default: 100.').default(100),
  }),
  schema: z
    .strictObject({
      source: z.strictObject({
        kind: z.enum(['bundled', 'refreshed']),
        date: z.string().meta({ description: 'The day on which the prices were collected.' }),
      }),
      currency: z.literal('USD'),
      total: z.int().min(0),
      models: z.array(model),
    })
    .meta({ id: 'CatalogModels' }),
  isTagged: true,
  handle: async ({ parameters, sources, now }) => {
    if (sources.catalog === null) {
      throw new ApiError('ledger_off', 'There is no catalog: the ledger is off.', {
        hint: 'set `ledger.database` in the configuration, or remove it for the default',
      });
    }
    const { search, provider, capability, context, offset, limit } = parameters;
    const found = await sources.catalog.models({
      text: search,
      provider: provider ?? null,
      capability: capability ?? null,
      leastContext: context ?? null,
      offset,
      limit,
      time: now,
    });
    return {
      source: found.source,
      currency: 'USD' as const,
      total: found.total,
      models: found.models.map((one) => ({
        provider: one.provider,
        model: one.model,
        mode: one.mode,
        context_window: one.context,
        max_output: one.maxOutput,
        capabilities: [...one.capabilities],
        retired: one.retired,
        prices_from: one.pricesFrom,
        prices: one.prices.map(({ kind, perMillion, priceClass, above }) => ({
          kind: kindName(kind),
          per_million: perMillion,
          class: priceClass,
          above,
        })),
      })),
    };
  },
});

export const catalogRoutes: readonly AdminRoute[] = [models];
