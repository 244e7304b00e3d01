import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { AuditDetails, AuditEvent } from '../core/audit/audit-event.ts';
import type { LedgerDatabase } from '../storage/ledger-database.ts';

/** Notes in the trail what a command has done to prices. */
export async function auditPrices(
  ledger: LedgerDatabase,
  action: 'prices.update' | 'prices.reprice',
  details: AuditDetails,
): Promise<void> {
  const event: AuditEvent = {
    id: randomUUID(),
    time: Date.now(),
    node: 'cli',
    actor: userName(),
    action,
    object: null,
    outcome: 'ok',
    address: null,
    details,
  };
  await ledger.note(event);
}

/** Some containers run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
