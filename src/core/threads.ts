/** The argument of the thread that is the ledger's; the others are workers. */
export const LEDGER_THREAD = 'sluice:ledger';
