import { z } from 'zod';
import { parseDecimal } from '../core/ledger/money.ts';
import { PRICE_KINDS } from '../core/ledger/price-table.ts';
import { type CatalogFile, readPrices } from './catalog-file.ts';

const decimal = z.string().max(40).refine(isPrice, 'must be a decimal of at least 0');
const pricesSchema = z.string().max(1000).refine(arePrices, 'must be prices such as input=2.5 output=10');
const classSchema = z.union([
  pricesSchema,
  z.tuple([pricesSchema, z.record(z.string().regex(/^\d{1,12}$/), pricesSchema)]),
]);
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const minute = z.int().min(0).max(1440);
const hoursSchema = z.object({
  minutes: z.array(z.tuple([minute, minute])),
  days: z.array(z.int().min(1).max(7)).optional(),
});
const index = z.int().min(0);

const fileSchema = z.object({
  format: z.literal(1),
  date: day,
  sources: z.array(z.object({ name: z.string(), version: z.string(), url: z.string(), licence: z.string() })),
  tables: z.array(
    z.object({
      standard: classSchema.optional(),
      batch: classSchema.optional(),
      flex: classSchema.optional(),
      priority: classSchema.optional(),
      multipliers: z.record(z.string(), decimal).optional(),
    }),
  ),
  models: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        p: z.union([
          index,
          z.array(z.union([z.tuple([day.nullable(), index]), z.tuple([day.nullable(), index, z.array(hoursSchema)])])),
        ]),
        c: z.number().optional(),
        o: z.number().optional(),
        m: z.string().optional(),
        k: z.int().optional(),
        d: day.optional(),
      }),
    ),
  ),
});

function isPrice(text: string): boolean {
  const value = parseDecimal(text, 12);
  return value !== null && value >= 0n;
}

function arePrices(text: string): boolean {
  return Object.entries(readPrices(text)).every(
    ([kind, price]) => PRICE_KINDS.some((known) => known === kind) && isPrice(price ?? ''),
  );
}

/** A catalog from elsewhere, checked. Throws an Error that names the first place which is wrong. */
export function checkCatalog(value: unknown): CatalogFile {
  const result = fileSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is no price catalog'}`);
  }
  const file = result.data as CatalogFile;
  for (const [table, models] of Object.entries(file.models)) {
    for (const [name, { p }] of Object.entries(models)) {
      const indexes = typeof p === 'number' ? [p] : p.map(([, at]) => at);
      if (indexes.some((at) => at >= file.tables.length)) throw new Error(`models.${table}.${name}: no such prices`);
    }
  }
  return file;
}
