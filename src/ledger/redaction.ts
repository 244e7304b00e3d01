import type { RedactionSettings } from '../config/redaction.ts';
import { Redactor } from '../core/redaction/redactor.ts';
import type { Secret } from '../core/secret.ts';
import { RecordCleaner } from './record-cleaner.ts';

/** How texts are redacted under one configuration. */
export interface Redaction {
  readonly redactor: Redactor;
  readonly cleaner: RecordCleaner;
  /** Bytes kept of a request, and of an answer. */
  readonly maxBody: number;
}

export function compileRedaction(settings: RedactionSettings, secrets: readonly Secret[]): Redaction {
  const { kinds, patterns, maxBody } = settings;
  return { redactor: new Redactor({ kinds, patterns, secrets }), cleaner: new RecordCleaner(secrets), maxBody };
}
