import { z } from 'zod';
import { invalid } from '../api-error.ts';
import { choice } from '../parameters/parameters.ts';
import { isoTime } from '../parameters/time.ts';
import { type AdminRoute, jsonRoute, ledgerOf } from '../route.ts';
import { figures, figuresOf, time } from '../shapes/figures.ts';
import { usageAnswer, usageAnswerOf } from './usage-answer.ts';
import { readUsageQuery, usageParameters } from './usage-query.ts';

const FIXED = { method: 'GET', permission: 'usage:read', tag: 'Usage' } as const;

const usage = jsonRoute({
  ...FIXED,
  path: '/usage',
  operationId: 'usage',
  summary: 'Requests, tokens, cost, errors and times, by any grouping.',
  parameters: usageParameters,
  schema: usageAnswer,
  handle: async ({ parameters, sources, now }) => {
    const query = readUsageQuery(parameters, now);
    return usageAnswerOf(query, await ledgerOf(sources).usage(query));
  },
});

const summaryAnswer = z
  .strictObject({
    as_of: time,
    from: time,
    to: time,
    tz: z.string(),
    currency: z.literal('USD'),
    figures,
    previous: z
      .strictObject({ from: time, to: time, figures })
      .nullable()
      .meta({ description: 'The same figures of the range of equal length before; null where it was not asked for.' }),
  })
  .meta({ id: 'Summary' });

const { bucket: _bucket, group: _group, limit: _limit, order: _order, ...whole } = usageParameters.shape;

const summary = jsonRoute({
  ...FIXED,
  path: '/stats/summary',
  operationId: 'statsSummary',
  summary: 'The figures of a range as a whole, and of the one before.',
  parameters: z.object({
    ...whole,
    compare: choice(['none', 'prev'], '`prev`: also of the range before.').default('none'),
  }),
  schema: summaryAnswer,
  handle: async ({ parameters, sources, now }) => {
    const { compare, ...rest } = parameters;
    const query = readUsageQuery({ ...rest, order: 'requests' }, now);
    const ledger = ledgerOf(sources);
    const before = { ...query, from: Math.max(0, 2 * query.from - query.to), to: query.from };
    const [current, previous] = await Promise.all([
      ledger.usage(query),
      compare === 'prev' ? ledger.usage(before) : null,
    ]);
    return {
      as_of: isoTime(current.asOf),
      from: isoTime(current.from),
      to: isoTime(current.to),
      tz: query.timeZone,
      currency: 'USD' as const,
      figures: figuresOf(current.total),
      previous: previous && {
        from: isoTime(previous.from),
        to: isoTime(previous.to),
        figures: figuresOf(previous.total),
      },
    };
  },
});

const series = jsonRoute({
  ...FIXED,
  path: '/stats/series',
  operationId: 'statsSeries',
  summary: 'Usage over time: `usage` with a step of time that suits the range.',
  parameters: usageParameters,
  schema: usageAnswer,
  handle: async ({ parameters, sources, now }) => {
    const namesTime =
      parameters.group?.some((word) => ['time', 'minute', 'hour', 'day', 'month'].includes(word)) ?? false;
    const query = readUsageQuery({ ...parameters, ...(!namesTime && { bucket: parameters.bucket ?? 'auto' }) }, now);
    return usageAnswerOf(query, await ledgerOf(sources).usage(query));
  },
});

const DEFAULT_TOP = 10;

const top = jsonRoute({
  ...FIXED,
  path: '/stats/top',
  operationId: 'statsTop',
  summary: 'The groups that come first, and all others as one row.',
  parameters: usageParameters,
  schema: usageAnswer,
  handle: async ({ parameters, sources, now }) => {
    const query = readUsageQuery({ ...parameters, limit: parameters.limit ?? DEFAULT_TOP }, now);
    if (query.groups.length === 0) throw invalid('group', "'group' is missing.", 'for example group=model');
    return usageAnswerOf(query, await ledgerOf(sources).usage(query));
  },
});

export const usageRoutes: readonly AdminRoute[] = [usage, summary, series, top];
