import { parseArgs } from 'node:util';
import { killUnderLoad } from './kill-run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    rate: { type: 'string', default: '200' },
    workers: { type: 'string', default: '1' },
    executable: { type: 'string' },
  },
});

const kills = Number(values.kills);
const perSecond = Number(values.rate);
const result = await killUnderLoad({
  kills,
  perSecond,
  longestLife: 1000,
  arguments: ['--workers', values.workers],
  ...(values.executable !== undefined && { command: [values.executable] }),
});
const { missing, repeated, unexplained } = result;
const isRight =
  missing.length === 0 && repeated.length === 0 && unexplained.length === 0 && result.rows === result.counted;
console.log(
  `${kills} kills at ${perSecond} requests/s: ${result.asked} requests, ${result.complete} answered whole, ` +
    `${result.rows} in the ledger, ${result.counted} in its roll-ups; ` +
    `${missing.length} missing, ${repeated.length} repeated, ${unexplained.length} without a reason; ` +
    `${result.cut} recorded in the moment of a kill, their answers cut on the way`,
);
console.log(isRight ? '1 passed, 0 failed' : '0 passed, 1 failed');
process.exitCode = isRight ? 0 : 1;
