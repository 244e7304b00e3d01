import { LineQueue } from '../telemetry/line-queue.ts';

/** One for each thread, whoever logs in it. */
const standardError = new LineQueue((text, done) => process.stderr.write(text, done));

/** Where every thread writes its log. */
export function writeLogLine(line: string, ofLoss: (lines: number) => string): void {
  standardError.write(line, ofLoss);
}
