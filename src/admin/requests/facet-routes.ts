import { z } from 'zod';
import { invalid } from '../api-error.ts';
import { FIELD_NAMES, filterField } from '../parameters/filter-fields.ts';
import { integer, list, text } from '../parameters/parameters.ts';
import { filterParameters, rangeParameters, readFilter, readRange } from '../parameters/query.ts';
import { shown } from '../parameters/time.ts';
import { type AdminRoute, jsonRoute, ledgerOf } from '../route.ts';

const FIXED = { method: 'GET', permission: 'requests:read', tag: 'Requests' } as const;

const DEFAULT_FACETS = 'outcome,status,endpoint,model,provider,team,key,error_code';

const facetsAnswer = z
  .strictObject({
    facets: z.array(
      z.strictObject({
        field: z.string(),
        values: z.array(
          z.strictObject({ value: z.union([z.string(), z.number(), z.boolean(), z.null()]), count: z.int().min(0) }),
        ),
      }),
    ),
    scanned: z.int().min(0).meta({ description: 'How many requests were counted, the newest first.' }),
    exact: z.boolean().meta({ description: 'All of the range was counted.' }),
  })
  .meta({ id: 'Facets' });

const facets = jsonRoute({
  ...FIXED,
  path: '/requests/facets',
  operationId: 'requestFacets',
  summary: 'The values most seen, with counts, of several columns at once.',
  parameters: z.object({
    ...rangeParameters,
    ...filterParameters,
    fields: list(20, `Columns, or tag.<name>. Default: ${DEFAULT_FACETS}.`).default(DEFAULT_FACETS.split(',')),
    limit: integer(1, 100, 'Values of each. Default: 10.').default(10),
  }),
  schema: facetsAnswer,
  handle: async ({ parameters, sources, now }) => {
    const { from, to } = readRange(parameters, now);
    const fields = parameters.fields.map((name) => readField('fields', name));
    const filter = readFilter(parameters);
    const found = await ledgerOf(sources).facets({ from, to, fields, filter, limit: parameters.limit });
    return {
      facets: found.facets.map(({ field, values }) => ({
        field,
        values: values.map(({ value, count }) => ({ value, count })),
      })),
      scanned: found.scanned,
      exact: found.exact,
    };
  },
});

function readField(parameter: string, name: string) {
  const field = filterField(name);
  if (field !== null) return field;
  throw invalid(parameter, `There is no column '${shown(name)}'.`, `one of ${FIELD_NAMES.join(', ')}`);
}

const complete = jsonRoute({
  ...FIXED,
  path: '/requests/complete',
  operationId: 'requestComplete',
  summary: 'Values of a column that begin in a certain way, the most seen first.',
  parameters: z.object({
    ...rangeParameters,
    field: text('A column, tag.<name>, or `tag` for the names of tags.'),
    prefix: text('How the value begins.').default(''),
    limit: integer(1, 100, 'How many values. Default: 20.').default(20),
  }),
  schema: z
    .strictObject({ values: z.array(z.strictObject({ value: z.string(), count: z.int().min(0) })) })
    .meta({ id: 'Completion' }),
  handle: async ({ parameters, sources, now }) => {
    const { from, to } = readRange(parameters, now);
    const { field: name, prefix, limit } = parameters;
    const field = name === 'tag' ? name : readField('field', name);
    const values = await ledgerOf(sources).complete({ from, to, field, prefix, limit });
    return { values: values.map(({ value, count }) => ({ value, count })) };
  },
});

export const facetRoutes: readonly AdminRoute[] = [facets, complete];
