/** Something that an administrator did, or that somebody tried without leave. */
export interface AuditEvent {
  /** Unique, so that an event that is written twice is kept once. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The gateway process, or `cli`. */
  readonly node: string;
  /** Who: `token`, `local`, `file` for what a changed configuration did, `system`, or the user of a command line. */
  readonly actor: string;
  /** What, for example `config.apply`, `payload.view`, `signin.fail`. */
  readonly action: string;
  /** What it was done to; null where the action says it all. */
  readonly object: string | null;
  readonly outcome: AuditOutcome;
  /** The caller's address; null for what came from no network. */
  readonly address: string | null;
  /** Small, and without secrets. */
  readonly details: AuditDetails;
}

export type AuditOutcome = 'ok' | 'denied' | 'failed';
export type AuditDetails = Readonly<Record<string, unknown>>;

/** What whoever notes an event says of it. */
export type AuditNote = Omit<AuditEvent, 'id' | 'time' | 'node'>;

const MARK = '{"audit":';

/** As the journal holds it. */
export function auditText(event: Omit<AuditEvent, 'node'>): string {
  return `${MARK}${JSON.stringify(event)}}`;
}

/** Null for a text of the journal that is something else. */
export function readAuditText(text: string, node: string): AuditEvent | null {
  if (!text.startsWith(MARK)) return null;
  try {
    const { audit } = JSON.parse(text) as { readonly audit: Omit<AuditEvent, 'node'> };
    return { ...audit, node };
  } catch {
    return null;
  }
}
