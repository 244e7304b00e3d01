import type { GatewayConfig } from '../config/types.ts';
import { Secret } from '../core/secret.ts';
import { secretsIn } from '../core/secrets-in.ts';
import { providers } from '../providers/index.ts';
import { proxySecrets } from '../upstream/proxy-rules.ts';
import { type PackedConfig, SECRET } from './packed-config.ts';

/** For the ledger's thread, and for nobody else: secrets stand in it as they are. */
export function packConfig(config: GatewayConfig): PackedConfig {
  const { ledger, telemetry, prices, redaction } = config;
  const named = providers.all().filter(({ conventionalName }) => conventionalName !== undefined);
  const patterns = redaction.patterns.map(({ name, expression }) => ({ name, pattern: expression.pattern() }));
  const packed = {
    ledger,
    telemetry,
    prices,
    redaction: { ...redaction, patterns },
    secrets: [...secretsIn(config), ...proxySecrets(process.env)],
    providerNames: Object.fromEntries(named.map(({ name, conventionalName = name }) => [name, conventionalName])),
  };
  return JSON.stringify(exposed(packed)) as PackedConfig;
}

function exposed(value: unknown): unknown {
  if (value instanceof Secret) return { [SECRET]: value.expose() };
  if (Array.isArray(value)) return value.map(exposed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, exposed(member)]));
}
