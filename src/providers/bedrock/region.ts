import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The AWS region, where AWS's own tools look for it: the configuration, the environment, the ARN of the model, the
 * profile. Null when none names one.
 */
export function findRegion(configured: string | undefined, modelId: string, environment: Environment): string | null {
  return (
    configured ||
    environment.AWS_REGION ||
    environment.AWS_DEFAULT_REGION ||
    /^arn:[^:]+:bedrock:([a-z0-9-]+):/.exec(modelId)?.[1] ||
    profileRegion(environment)
  );
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
function profileRegion(environment: Environment): string | null {
  const path = environment.AWS_CONFIG_FILE || join(environment.HOME || homedir(), '.aws', 'config');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  const profile = environment.AWS_PROFILE || environment.AWS_DEFAULT_PROFILE || 'default';
  const titles = profile === 'default' ? ['default', 'profile default'] : [`profile ${profile}`];
  let inside = false;
  for (const line of text.split('\n')) {
    const title = /^\[\s*(.*?)\s*\]/.exec(line)?.[1];
    if (title !== undefined) inside = titles.includes(title.replace(/\s+/g, ' '));
    const region = inside ? /^region\s*=\s*(\S+)/.exec(line)?.[1] : undefined;
    if (region !== undefined) return region;
  }
  return null;
}

/** https://docs.aws.amazon.com/general/latest/gr/bedrock.html */
export function regionalEndpoint(region: string): string {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://bedrock-runtime.${region}.${suffix}`;
}
