import { userInfo } from 'node:os';
import type { GatewayConfig } from '../config/types.ts';
import type { AuditNote } from '../core/audit/audit-event.ts';
import { VERSION } from '../core/version.ts';

/** What the supervisor notes in the audit trail. */

export function gatewayStarted(config: GatewayConfig, workers: number): AuditNote {
  return note('system', 'gateway.start', 'ok', { version: VERSION, user: userName(), workers, ...contentOf(config) });
}

export function gatewayStopped(isDrained: boolean): AuditNote {
  return note('system', 'gateway.stop', 'ok', { drained: isDrained });
}

/** `previous` is the hash of the configuration before. */
export function configApplied(previous: string, config: GatewayConfig, warnings: number): AuditNote {
  return note('file', 'config.apply', 'ok', { ...contentOf(config), previous_hash: previous, warnings });
}

export function configRejected(reason: string): AuditNote {
  return note('file', 'config.reject', 'failed', { reason: reason.slice(0, 500) });
}

function contentOf({ hash, endpoints, routes }: GatewayConfig): AuditNote['details'] {
  return { hash, endpoints: endpoints.length, routes: routes.length };
}

function note(actor: string, action: string, outcome: AuditNote['outcome'], details: AuditNote['details']): AuditNote {
  return { actor, action, object: null, outcome, address: null, details };
}

/** Containers have users without a name. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
