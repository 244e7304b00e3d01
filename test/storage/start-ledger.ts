import { openLedger } from '../../src/storage/ledger-database.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { makeRecord, priced } from '../support/ledger-records.ts';

/** A process that opens the database of its first argument and writes one request, with its second as the journal's name. */
const [database = '', journal = ''] = process.argv.slice(2);
const ledger = openLedger({ database });
const record = makeRecord(Date.UTC(2026, 1, 2) + Number(journal));
await ledger.write({ records: tableOf([priced(record)]), payloads: [], positions: [{ journal, position: 1 }] });
await ledger.close();
