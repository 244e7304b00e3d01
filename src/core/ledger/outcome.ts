import { ERRORS, type ErrorCode } from '../errors.ts';
import { errorClass } from './error-class.ts';
import type { RequestRecord } from './request-record.ts';

/** How a request ended: well, or whose failure it was. The order is that of the stored numbers. */
export const OUTCOMES = ['success', 'client', 'gateway', 'upstream', 'cancelled'] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** A stream that broke counts as an error, whatever its status was. */
export function outcomeOf(record: Pick<RequestRecord, 'status' | 'error' | 'clientClosed'>): Outcome {
  const { status, error } = record;
  if (record.clientClosed || status === 499) return 'cancelled';
  if (error !== null && isErrorCode(error.code)) return errorClass(error.code);
  if (error === null && status < 400) return 'success';
  return status >= 400 && status < 500 ? 'client' : 'gateway';
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
