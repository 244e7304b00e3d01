import type { Queryable } from '../database/database.ts';
import { sql } from '../database/sql.ts';

/** What cells are split by. A route is surface, endpoint, provider and model as one; tags are all of a request. */
export type LabelKind = 'route' | 'key' | 'user' | 'team' | 'tags';

export interface Label {
  readonly id: number;
  readonly kind: LabelKind;
  readonly value: string;
}

/** The number of "none". */
export const NO_LABEL = 0;

/** Stands for every value beyond the most that are told apart. */
export const OTHER = '(other)';

export interface RouteNames {
  readonly surface: string;
  readonly endpoint: string | null;
  readonly provider: string | null;
  readonly model: string | null;
}

/** Surface, endpoint, provider and model. */
export function routeValue(names: readonly (string | null)[]): string {
  return JSON.stringify(names);
}

export function readRoute(value: string): RouteNames {
  const [surface = OTHER, endpoint = null, provider = null, model = null] = JSON.parse(value) as (string | null)[];
  return { surface: surface ?? OTHER, endpoint, provider, model };
}

/** A text instead of an object where too many combinations of tags were seen. */
export function readTags(value: string): Readonly<Record<string, string>> | typeof OTHER {
  const tags: unknown = JSON.parse(value);
  return typeof tags === 'object' && tags !== null ? (tags as Record<string, string>) : OTHER;
}

export async function loadLabels(reader: Queryable): Promise<Label[]> {
  const rows = await reader.values(sql`SELECT id, kind, value FROM labels`);
  return rows.map(([id, kind, value]) => ({ id: Number(id), kind: kind as LabelKind, value: String(value) }));
}
