import {
  COMPLETION_COLUMNS,
  FLAG,
  type NumberColumnName,
  PROMPT_COLUMNS,
  type RecordColumns,
} from '../records/record-columns.ts';

type Numbers = (index: number) => number;

/** All buckets of what was read; `none` where nobody counted. */
export function promptTokens(records: RecordColumns, none: number): Numbers {
  return summed(records, PROMPT_COLUMNS, none);
}

/** All buckets of what was written; `none` where nobody counted. */
export function completionTokens(records: RecordColumns, none: number): Numbers {
  return summed(records, COMPLETION_COLUMNS, none);
}

function summed(records: RecordColumns, names: readonly NumberColumnName[], none: number): Numbers {
  const flags = records.number('flags');
  const columns = names.map((name) => records.number(name));
  return (index) => {
    if (((flags[index] ?? 0) & FLAG.counted) === 0) return none;
    let sum = 0;
    for (const column of columns) sum += column[index] ?? 0;
    return sum;
  };
}
