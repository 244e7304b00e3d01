import { expect, test } from 'bun:test';
import { loadConfig } from '../config/load.ts';
import { providers } from '../providers/index.ts';
import { packConfig } from './pack-config.ts';
import { unpackConfig } from './packed-config.ts';

const TEXT = `
endpoints:
  - name: chat
    endpoint_type: llm/v1/chat
    model: {provider: openai, name: m, config: {openai_api_key: sk-canary-secret}}
ledger: {database: 'postgres://sluice:pass-canary@db.invalid/sluice'}
redaction: {patterns: [{name: employee, pattern: 'EMP-[0-9]{6}'}]}
telemetry: {otlp: {endpoint: 'http://localhost:4318', headers: {authorization: Bearer canary-token}}}
`;

const { config } = loadConfig({ path: '/etc/sluice/config.yaml', text: TEXT, environment: {}, providers });
const unpacked = unpackConfig(packConfig(config));

test('what the ledger’s thread gets is what the configuration says', () => {
  const { ledger, telemetry, prices } = config;
  expect(unpacked).toMatchObject({ ledger, prices });
  expect(unpacked.telemetry.otlp?.traces?.url).toBe(telemetry.otlp?.traces?.url ?? '');
  const [pattern] = unpacked.redaction.patterns;
  expect(pattern?.name).toBe('employee');
  expect(pattern?.expression.test('of EMP-123456')).toBeTrue();
});

test('secrets come through, and print as nothing again', () => {
  const { database } = unpacked.ledger;
  expect(database.kind === 'postgres' && database.url.expose()).toBe('postgres://sluice:pass-canary@db.invalid/sluice');
  expect(unpacked.telemetry.otlp?.traces?.headers[0]?.[1].expose()).toBe('Bearer canary-token');
  expect(unpacked.secrets.map((secret) => secret.expose())).toContain('sk-canary-secret');
  expect(JSON.stringify(unpacked)).not.toContain('canary');
});
