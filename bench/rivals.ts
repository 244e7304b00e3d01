import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LITELLM_FOLDER } from './gateways/litellm.ts';
import { PORTKEY_FOLDER } from './gateways/portkey.ts';

/** Pinned, so that two runs measure the same. */
const LITELLM_VERSION = '1.108.11';
const PORTKEY_VERSION = '1.15.2';

/** Installs LiteLLM and Portkey into folders of their own, which git ignores. */
export async function installRivals(): Promise<void> {
  await run(['python3', '-m', 'venv', LITELLM_FOLDER]);
  await run([join(LITELLM_FOLDER, 'bin', 'pip'), 'install', '--quiet', `litellm[proxy]==${LITELLM_VERSION}`]);
  mkdirSync(PORTKEY_FOLDER, { recursive: true });
  await run(['npm', 'install', '--prefix', PORTKEY_FOLDER, '--no-save', `@portkey-ai/gateway@${PORTKEY_VERSION}`]);
}

async function run(command: string[]): Promise<void> {
  console.log(command.join(' '));
  const status = await Bun.spawn(command, { stdout: 'inherit', stderr: 'inherit' }).exited;
  if (status !== 0) throw new Error(`\`${command.join(' ')}\` failed with status ${status}.`);
}
