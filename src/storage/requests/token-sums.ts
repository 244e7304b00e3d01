import { FLAG, type NumberColumnName, type RecordColumns } from '../records/record-columns.ts';

type Numbers = (index: number) => number;

/** All buckets of what was read; `none` where nobody counted. */
export function promptTokens(records: RecordColumns, none: number): Numbers {
  return summed(records, ['input', 'cacheRead', 'cacheWrite', 'cacheWriteLong', 'inputAudio', 'inputImage'], none);
}

/** All buckets of what was written; `none` where nobody counted. */
export function completionTokens(records: RecordColumns, none: number): Numbers {
  return summed(records, ['output', 'reasoning', 'outputAudio', 'outputImage'], none);
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
