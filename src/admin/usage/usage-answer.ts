import { z } from 'zod';
import type { UsageAnswer, UsageQuery, UsageRow } from '../../storage/ledger-queries.ts';
import { isoTime } from '../parameters/time.ts';
import { figures, figuresOf, figuresShape, time } from '../shapes/figures.ts';

const row = z
  .strictObject({
    time: time.nullable().meta({ description: 'When the step of time begins; null without steps.' }),
    group: z.record(z.string(), z.string().nullable()).meta({
      description: 'The values by which the row is grouped; null for requests that have none.',
    }),
    other: z.boolean().meta({ description: 'The sum of the groups beyond the limit.' }),
    ...figuresShape,
  })
  .meta({ id: 'UsageRow' });

export const usageAnswer = z
  .strictObject({
    as_of: time.meta({ description: 'What was written until then is counted.' }),
    from: time.meta({ description: 'Earlier than asked where only whole hours or days are left.' }),
    to: time,
    tz: z.string(),
    bucket: z.enum(['none', 'minute', 'hour', 'day', 'month']),
    group: z.array(z.string()),
    currency: z.literal('USD'),
    rows: z.array(row).meta({ description: 'By time, then by order. Steps without requests have no row.' }),
    total: figures,
  })
  .meta({ id: 'Usage' });

export function usageAnswerOf(
  query: UsageQuery & { readonly timeZone: string },
  answer: UsageAnswer,
): z.input<typeof usageAnswer> {
  return {
    as_of: isoTime(answer.asOf),
    from: isoTime(answer.from),
    to: isoTime(answer.to),
    tz: query.timeZone,
    bucket: query.bucket,
    group: [...query.groups],
    currency: 'USD',
    rows: answer.rows.map(rowOf),
    total: figuresOf(answer.total),
  };
}

function rowOf(usage: UsageRow): z.input<typeof row> {
  return {
    time: usage.time === null ? null : isoTime(usage.time),
    group: usage.group,
    other: usage.other,
    ...figuresOf(usage),
  };
}
