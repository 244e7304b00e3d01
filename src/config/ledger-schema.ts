import { z } from 'zod';
import { expandable } from './keys.ts';
import { byteSize } from './quantities.ts';
import { retentionSchema } from './retention.ts';

export const ledgerSchema = z.object({
  database: expandable()
    .nullish()
    .meta({
      description:
        'Where requests are accounted for: a file for SQLite, `:memory:`, `off`, or the URL of a PostgreSQL that several gateways may share. Default: `sluice.db` beside this file.',
      examples: ['sluice.db', ':memory:', 'off', 'postgres://sluice:$PGPASSWORD@db.internal/sluice'],
    }),
  journal: expandable().nullish().meta({
    description:
      'The folder in which records wait for the database. Default: `sluice-journal` beside the database, or beside this file.',
  }),
  price_refresh: z.enum(['off', 'daily']).nullish().meta({
    description:
      'Whether the published prices are downloaded into the database once a day. Default: off; the gateway comes with prices.',
  }),
  retention: retentionSchema.nullish().meta({ description: 'How long what is kept.' }),
  journal_limit: byteSize().nullish().meta({
    description: 'How much may wait there for a database that does not answer. Default: 1GiB.',
  }),
});
