import { readShape } from '../records/read-record.ts';
import type { RecordColumns, RecordShape, TextColumnName } from '../records/record-columns.ts';
import type { CellLabels } from './cell-block.ts';
import { NO_LABEL, routeValue } from './labels.ts';

/** For each place of a text of some requests the number of its label. */
export interface RecordLabels {
  readonly route: ArrayLike<number>;
  readonly key: ArrayLike<number>;
  readonly user: ArrayLike<number>;
  readonly team: ArrayLike<number>;
  readonly tags: ArrayLike<number>;
}

/** `find` gives the number of a label; texts are those of the requests, of a shape the label of its route. */
export function labelsOf(
  records: RecordColumns,
  find: (kind: keyof RecordLabels, text: string) => number,
): RecordLabels {
  const of = (name: TextColumnName & keyof RecordLabels): number[] =>
    records.text(name).values.map((text) => (text === null ? NO_LABEL : find(name, text)));
  const route = records
    .text('shape')
    .values.map((text) => (text === null ? NO_LABEL : find('route', routeOfShape(text))));
  return { route, key: of('key'), user: of('user'), team: of('team'), tags: of('tags') };
}

/** Those of one request. */
export function cellLabelsOf(records: RecordColumns, labels: RecordLabels, index: number): CellLabels {
  const of = (name: TextColumnName & keyof RecordLabels): number =>
    labels[name][records.text(name).places[index] ?? 0] ?? NO_LABEL;
  return {
    route: labels.route[records.text('shape').places[index] ?? 0] ?? NO_LABEL,
    outcome: records.number('outcome')[index] ?? 0,
    key: of('key'),
    user: of('user'),
    team: of('team'),
    tags: of('tags'),
  };
}

const MOST_KNOWN = 10_000;
const known = new Map<string, string>();

/** The label of a shape's route. Shapes are few, and stand in every batch again. */
export function routeOfShape(text: string): string {
  const value = known.get(text);
  if (value !== undefined) return value;
  const { surface, endpoint, provider, model }: RecordShape = readShape(text);
  const route = routeValue([surface, endpoint, provider, model]);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, route);
  return route;
}
