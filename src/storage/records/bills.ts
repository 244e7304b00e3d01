import { costOf, parseDollars } from '../../core/ledger/money.ts';
import type { CostLine, Pricing } from '../../core/ledger/pricing.ts';
import { TOKEN_BUCKETS } from '../../core/neutral/usage.ts';
import { storableText } from '../database/sql.ts';
import type { BillShape, Extras } from './record-columns.ts';

type Bucket = (typeof TOKEN_BUCKETS)[number];

const BUCKETS: ReadonlySet<string> = new Set(TOKEN_BUCKETS);

/** The bill as it follows from the counts of a usage, or null where it does not. */
export function billShapeOf(
  { lines, source, reason }: Pick<Pricing, 'lines' | 'source' | 'reason'>,
  tokens: (bucket: Bucket) => number,
): BillShape | null {
  const follows = lines.every(
    ({ kind, quantity, pricePerMillion, cost }) =>
      BUCKETS.has(kind) &&
      quantity === tokens(kind as Bucket) &&
      cost === costOf(quantity, parseDollars(pricePerMillion) ?? -1n),
  );
  if (!follows) return null;
  return { lines: lines.map(({ kind, pricePerMillion }) => [kind as Bucket, pricePerMillion]), source, reason };
}

export function writeBillShape({ lines, source, reason }: BillShape): string {
  return JSON.stringify([lines, source && storableText(source), reason && storableText(reason)]);
}

export function readBillShape(text: string): BillShape {
  const [lines, source, reason] = JSON.parse(text) as [BillShape['lines'], string | null, string | null];
  return { lines, source, reason };
}

/** The lines of one request. */
export function linesOf(shape: BillShape, extras: Extras | null, tokens: (bucket: Bucket) => number): CostLine[] {
  if (extras?.lines) {
    return extras.lines.map(([kind, quantity, pricePerMillion, cost]) => ({
      kind,
      quantity,
      pricePerMillion,
      cost: BigInt(cost),
    }));
  }
  return shape.lines.map(([kind, pricePerMillion]) => {
    const quantity = tokens(kind);
    return { kind, quantity, pricePerMillion, cost: costOf(quantity, parseDollars(pricePerMillion) ?? 0n) };
  });
}
