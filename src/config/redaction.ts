import type { PersonalKind } from '../core/redaction/kinds.ts';
import type { OwnPattern } from '../core/redaction/own-patterns.ts';
import type { Finding } from './problem.ts';
import { redactionSchema } from './redaction-schema.ts';
import { validate } from './validation.ts';

/** What becomes of the texts that endpoints with `logging: full` keep. */
export interface RedactionSettings {
  /** Beside credentials, which are always taken out. */
  readonly kinds: readonly PersonalKind[];
  readonly patterns: readonly OwnPattern[];
  /** Bytes kept of a request, and of an answer. */
  readonly maxBody: number;
}

const KINDS: readonly PersonalKind[] = ['email', 'card', 'iban'];
const MAX_BODY = 256 * 1024;

export function compileRedaction(raw: unknown, findings: Finding[]): RedactionSettings | null {
  const result = validate(redactionSchema, raw ?? {}, ['redaction']);
  findings.push(...result.findings);
  if (result.value === undefined) return null;
  const { kinds, patterns, max_body: maxBody } = result.value;
  return { kinds: kinds ?? KINDS, patterns: patterns ?? [], maxBody: maxBody ?? MAX_BODY };
}
