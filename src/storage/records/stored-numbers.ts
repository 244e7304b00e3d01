import type { NumberColumn } from './record-columns.ts';

/** The same for each request. */
export function constantColumn(size: number, value: number): NumberColumn {
  return value >= 0 && value <= 0xff ? new Uint8Array(size).fill(value) : new Float64Array(size).fill(value);
}

/** A loop for each type: one for all of them takes several times as long. */
export function plus(values: Uint8Array | Uint16Array | Uint32Array | Float64Array, least: number): Float64Array {
  const whole = new Float64Array(values.length);
  if (values instanceof Uint32Array) {
    for (let index = 0; index < whole.length; index++) whole[index] = (values[index] ?? 0) + least;
  } else if (values instanceof Uint16Array) {
    for (let index = 0; index < whole.length; index++) whole[index] = (values[index] ?? 0) + least;
  } else {
    for (let index = 0; index < whole.length; index++) whole[index] = (values[index] ?? 0) + least;
  }
  return whole;
}
