import type { GatewayConfig } from '../config/types.ts';
import { compilePattern } from '../core/redaction/own-patterns.ts';
import { Secret } from '../core/secret.ts';

/** What of a configuration concerns the ledger's thread. */
export interface LedgerConfig extends Pick<GatewayConfig, 'ledger' | 'telemetry' | 'prices' | 'redaction'> {
  /** All that the gateway knows: they are taken out of texts. */
  readonly secrets: readonly Secret[];
  /** What OpenTelemetry's conventions call the providers. */
  readonly providerNames: Readonly<Record<string, string>>;
}

/**
 * The same as a text for the thread, which then need not read the file itself: that would load the schemas and the
 * providers a second time, some 20 MB.
 */
export type PackedConfig = string & { readonly isPacked: true };

/** Stands for a secret, which by itself prints as `***`. */
export const SECRET = '\u0000secret';

interface PackedPattern {
  readonly name: string;
  readonly pattern: string;
}

export function unpackConfig(text: PackedConfig): LedgerConfig {
  const packed = JSON.parse(text, hideSecret);
  const patterns = packed.redaction.patterns.map(({ name, pattern }: PackedPattern) => compilePattern(name, pattern));
  return { ...packed, redaction: { ...packed.redaction, patterns } };
}

function hideSecret(_name: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && SECRET in value ? new Secret(String(value[SECRET])) : value;
}
