/**
 * A disk that is full or a reader that has left is no reason to end the gateway, nor to show where in it this was
 * noticed. To be called once in each thread.
 */
export function surviveLostOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`sluice: standard output cannot be written: ${error.code}\n`);
  });
  process.stderr.on('error', () => {});
}
