import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Makes `dist/sluice`, one executable that needs neither Node, npm nor a network. `--target` builds for another system. */
const ROOT = join(import.meta.dir, '..');
const target = process.argv.find((word) => word.startsWith('--target='));
const isForWindows = target ? target.includes('windows') : process.platform === 'win32';
const output = join(ROOT, 'dist', isForWindows ? 'sluice.exe' : 'sluice');

mkdirSync(join(ROOT, 'dist'), { recursive: true });
const child = Bun.spawn(
  [
    process.execPath,
    'build',
    '--compile',
    '--minify',
    '--bytecode',
    '--format=esm',
    // What is imported when it is needed stays out of memory until then.
    '--splitting',
    // Files of the folder that somebody happens to stand in must not configure the gateway.
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    ...(target ? [target] : []),
    join(ROOT, 'src/main.ts'),
    '--outfile',
    output,
  ],
  { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
);
const code = await child.exited;
if (code === 0) console.log(`${output} (${(statSync(output).size / 1e6).toFixed(0)} MB)`);
process.exit(code);
