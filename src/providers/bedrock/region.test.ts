import { expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRegion, regionalEndpoint } from './region.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-aws-'));
const AWS_CONFIG_FILE = join(folder, 'config');
writeFileSync(
  AWS_CONFIG_FILE,
  '[default]\noutput = json\nregion = eu-west-1\n\n[profile team]\nregion=ap-south-1\n[sso-session x]\nregion = x\n',
);
const ARN = 'arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/abc';

test('a region is looked for in the configuration, the environment, the model and the profile', () => {
  const environment = { AWS_REGION: 'eu-central-1', AWS_DEFAULT_REGION: 'sa-east-1', AWS_CONFIG_FILE };
  expect(findRegion('us-east-1', ARN, environment)).toBe('us-east-1');
  expect(findRegion(undefined, ARN, environment)).toBe('eu-central-1');
  expect(findRegion(undefined, ARN, { ...environment, AWS_REGION: '' })).toBe('sa-east-1');
  expect(findRegion(undefined, ARN, { AWS_CONFIG_FILE })).toBe('us-west-2');
  expect(findRegion(undefined, 'm', { AWS_CONFIG_FILE })).toBe('eu-west-1');
  expect(findRegion(undefined, 'm', { AWS_CONFIG_FILE, AWS_PROFILE: 'team' })).toBe('ap-south-1');
  expect(findRegion(undefined, 'm', { AWS_CONFIG_FILE, AWS_PROFILE: 'other' })).toBeNull();
  expect(findRegion(undefined, 'm', { AWS_CONFIG_FILE: join(folder, 'none') })).toBeNull();
});

test('China has a domain of its own', () => {
  expect(regionalEndpoint('eu-west-1')).toBe('https://bedrock-runtime.eu-west-1.amazonaws.com');
  expect(regionalEndpoint('cn-north-1')).toBe('https://bedrock-runtime.cn-north-1.amazonaws.com.cn');
});
