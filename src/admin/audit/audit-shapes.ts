import { z } from 'zod';
import type { AuditCheck, AuditEntry } from '../../core/audit/audit-chain.ts';
import { isoTime } from '../parameters/time.ts';
import { time } from '../shapes/figures.ts';

const hash = z.string().meta({ description: 'SHA-256, in hexadecimal digits.' });

export const auditEntry = z
  .strictObject({
    sequence: z.int().meta({ description: 'From 1, without gaps.' }),
    time,
    node: z.string(),
    actor: z.string().meta({ description: '`token`, `local`, `file`, `system`, or a user of the command line.' }),
    action: z.string(),
    object: z.string().nullable(),
    outcome: z.enum(['ok', 'denied', 'failed']),
    address: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    previous_hash: hash,
    hash,
  })
  .meta({ id: 'AuditEntry' });

export function auditEntryOf(one: AuditEntry): z.input<typeof auditEntry> {
  const { sequence, node, actor, action, object, outcome, address, details } = one;
  return {
    sequence,
    time: isoTime(one.time),
    node,
    actor,
    action,
    object,
    outcome,
    address,
    details: { ...details },
    previous_hash: one.previousHash,
    hash: one.hash,
  };
}

export const auditVerdict = z
  .strictObject({
    intact: z.boolean(),
    entries: z.int().meta({ description: 'How many were looked at.' }),
    head: z.strictObject({ sequence: z.int(), hash }).meta({ description: 'The last of them: keep it as an anchor.' }),
    fault: z
      .strictObject({ sequence: z.int(), problem: z.string() })
      .nullable()
      .meta({ description: 'The first entry at fault, and what is wrong with it.' }),
  })
  .meta({ id: 'AuditVerdict' });

export function auditVerdictOf({ entries, head, fault }: AuditCheck): z.input<typeof auditVerdict> {
  return {
    intact: fault === null,
    entries,
    head: { sequence: head.sequence, hash: head.hash },
    fault: fault && { sequence: fault.sequence, problem: fault.problem },
  };
}
