import { z } from 'zod';
import type { UsageBucket, UsageDimension, UsageQuery } from '../../storage/ledger-queries.ts';
import { invalid } from '../api-error.ts';
import { choice, integer, list } from '../parameters/parameters.ts';
import { filterParameters, rangeParameters, readFilter, readRange } from '../parameters/query.ts';
import { DAY, HOUR, MINUTE, shown } from '../parameters/time.ts';

const BUCKETS = ['none', 'auto', 'minute', 'hour', 'day', 'month'] as const;
const DIMENSIONS = ['surface', 'endpoint', 'provider', 'model', 'key', 'user', 'team', 'outcome'] as const;

const GROUPS = `What usage is split by, with commas: ${DIMENSIONS.join(', ')}, tag:<name>; and time, or minute, hour, day, month in place of \`bucket\`.`;

/** More groups than these belong into a query each. */
const MOST_GROUPS = 4;
const MOST_TAG_CHARACTERS = 64;

/** Bounds of an answer, which is built in one piece. */
const MOST_ROWS = 5000;
const MOST_BUCKETS = 2000;
/** `auto` takes the shortest bucket that makes no more than this. */
const AUTO_BUCKETS = 400;
const DEFAULT_LIMIT = 100;

export const usageParameters = z.object({
  ...rangeParameters,
  ...filterParameters,
  bucket: choice(BUCKETS, 'The steps of time; `auto` takes one that suits the range.').optional(),
  group: list(MOST_GROUPS + 1, GROUPS).optional(),
  limit: integer(1, 1000, 'How many groups are told; what is beyond is one row, `other`. Default: 100.').optional(),
  order: choice(['requests', 'cost', 'tokens', 'errors'], 'What makes a group come first.').default('requests'),
});

export type UsageParameters = z.output<typeof usageParameters>;

/** What is asked, checked. Throws an ApiError. */
export function readUsageQuery(parameters: UsageParameters, now: number): UsageQuery & { readonly timeZone: string } {
  const range = readRange(parameters, now);
  const { groups, bucket: named } = readGroups(parameters.group ?? []);
  if (named !== null && parameters.bucket !== undefined && parameters.bucket !== named) {
    throw invalid(
      'bucket',
      `'group' asks for time by ${named}, 'bucket' by ${parameters.bucket}.`,
      'leave one of them out',
    );
  }
  const asked = parameters.bucket ?? named ?? 'none';
  const bucket = asked === 'auto' ? automaticBucket(range) : asked;
  const steps = stepsOf(bucket, range);
  if (steps > MOST_BUCKETS) {
    const hint = `use bucket=${longerBucket(range)}, or a shorter range`;
    throw invalid('bucket', `The range has ${steps} steps of one ${bucket}; ${MOST_BUCKETS} are allowed.`, hint);
  }
  // The first step and the last may be parts of one.
  const room = Math.floor(MOST_ROWS / (bucket === 'none' ? 1 : steps + 1));
  const limit = parameters.limit ?? Math.min(DEFAULT_LIMIT, room);
  if (groups.length > 0 && limit > room) {
    const hint = `limit=${room} at most, a longer bucket, or a shorter range`;
    throw invalid('limit', `${limit} groups in ${steps} steps of time are more than ${MOST_ROWS} rows.`, hint);
  }
  return { ...range, bucket, groups, filter: readFilter(parameters), limit, order: parameters.order };
}

type Named = Exclude<(typeof BUCKETS)[number], 'none'>;

function readGroups(words: readonly string[]): { groups: readonly UsageDimension[]; bucket: Named | null } {
  const groups: UsageDimension[] = [];
  let bucket: Named | null = null;
  for (const word of words) {
    const step = word === 'time' ? 'auto' : BUCKETS.find((name) => name === word && name !== 'none');
    if (step !== undefined && bucket !== null) throw invalid('group', 'Time is named twice.', 'name it once');
    if (step !== undefined) bucket = step as Named;
    else groups.push(dimension(word));
  }
  const repeated = groups.find((group, index) => groups.indexOf(group) !== index);
  if (repeated !== undefined) throw invalid('group', `'${shown(repeated)}' is named twice.`, 'name it once');
  if (groups.length > MOST_GROUPS) throw invalid('group', `More than ${MOST_GROUPS} groups.`, 'ask several times');
  return { groups, bucket };
}

function dimension(word: string): UsageDimension {
  const known = DIMENSIONS.find((name) => name === word);
  if (known !== undefined) return known;
  const tag = /^(?:tag|meta)[:.](.+)$/.exec(word)?.[1];
  if (tag !== undefined && tag.length <= MOST_TAG_CHARACTERS) return `tag:${tag}`;
  const names = [...DIMENSIONS, 'tag:<name>', 'time', 'minute', 'hour', 'day', 'month'].join(', ');
  throw invalid('group', `Usage cannot be split by '${shown(word)}'.`, `one of ${names}`);
}

const LENGTHS: ReadonlyArray<readonly [bucket: Exclude<UsageBucket, 'none'>, milliseconds: number]> = [
  ['minute', MINUTE],
  ['hour', HOUR],
  ['day', DAY],
  ['month', 30 * DAY],
];

interface Span {
  readonly from: number;
  readonly to: number;
}

function stepsOf(bucket: UsageBucket, { from, to }: Span): number {
  const length = LENGTHS.find(([name]) => name === bucket)?.[1];
  return length === undefined ? 1 : Math.ceil((to - from) / length);
}

function automaticBucket(range: Span): UsageBucket {
  return LENGTHS.find(([name]) => stepsOf(name, range) <= AUTO_BUCKETS)?.[0] ?? 'month';
}

function longerBucket(range: Span): UsageBucket {
  return LENGTHS.find(([name]) => stepsOf(name, range) <= MOST_BUCKETS)?.[0] ?? 'month';
}
