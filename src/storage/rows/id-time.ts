import type { RequestRecord } from '../../core/ledger/request-record.ts';

const DIGITS = 10;
const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

const VALUES = new Uint8Array(128);
for (const [value, digit] of [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'].entries()) VALUES[digit.charCodeAt(0)] = value;

/**
 * The ledger goes by the time within the id, so that a range of ids and a range of time hold the same requests. It differs
 * from the record's only where the clock of the gateway was set back.
 */
export function ledgerTime({ id, time }: Pick<RequestRecord, 'id' | 'time'>): number {
  if (!ID.test(id)) return Math.floor(time);
  let milliseconds = 0;
  for (let index = 0; index < DIGITS; index++) milliseconds = milliseconds * 32 + (VALUES[id.charCodeAt(index)] ?? 0);
  return milliseconds;
}
